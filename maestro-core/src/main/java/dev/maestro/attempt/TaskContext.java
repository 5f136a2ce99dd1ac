package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Feedback;
import dev.maestro.run.Item;
import dev.maestro.task.AttemptId;
import java.util.Optional;

/** One task, as the application's code sees it. */
final class TaskContext implements CodeContext {

  private final Assignment assignment;
  private final Values values;

  TaskContext(Assignment assignment, Values values) {
    this.assignment = assignment;
    this.values = values;
  }

  @Override
  public AttemptId attempt() {
    return assignment.attempt();
  }

  @Override
  public Optional<String> text(String name) {
    return values.find(name);
  }

  @Override
  public Optional<JsonNode> value(String name) {
    return values.json(name);
  }

  @Override
  public Optional<Item> item() {
    return assignment.task().item();
  }

  @Override
  public Optional<Feedback> feedback() {
    return assignment.task().feedback();
  }

  @Override
  public Cancellation cancellation() {
    return assignment.cancellation();
  }
}
