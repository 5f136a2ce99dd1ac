package dev.maestro;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.approval.Question;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Output;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run that has ended, or cannot go on without a person or a host. Immutable.
 *
 * <p>Large outputs are fetched from the store when they are asked for, so ask before Maestro is
 * closed.
 */
public final class RunResult {

  private final RunSnapshot snapshot;
  private final Store store;

  RunResult(RunSnapshot snapshot, Store store) {
    this.snapshot = snapshot;
    this.store = store;
  }

  /** {@return where the run is in its lifecycle} */
  public RunStatus status() {
    return snapshot.status();
  }

  /** {@return whether it ended well} */
  public boolean isSuccess() {
    return snapshot.status() == RunStatus.SUCCEEDED;
  }

  /** {@return questions that wait for an answer, oldest first} */
  public List<Question> questions() {
    return snapshot.questions();
  }

  /** {@return everything used up} */
  public Usage usage() {
    return snapshot.usage();
  }

  /** {@return the whole run as it was then} */
  public RunSnapshot snapshot() {
    return snapshot;
  }

  /** {@return the output of this name, if a task has returned it} */
  public <T> Optional<T> output(Output<T> output) {
    return json(output.name()).map(output::convert);
  }

  /** {@return the output of this name as text, if a task has returned it} */
  public Optional<String> text(String output) {
    return json(output).map(Value::textOf);
  }

  private Optional<JsonNode> json(String output) {
    return snapshot.tasks().stream()
        .filter(task -> output.equals(task.step().output()) && isOfTheRun(task))
        .filter(task -> !task.isRetired())
        .findFirst()
        .flatMap(Task::output)
        .map(this::load);
  }

  private static boolean isOfTheRun(Task task) {
    return task.item().isEmpty() && task.parent().isEmpty();
  }

  private JsonNode load(Value value) {
    if (value instanceof Value.Inline inline) {
      return inline.json();
    }
    Value.Stored stored = (Value.Stored) value;
    byte @Nullable [] bytes = store.blob(stored.blob()).orElse(null);
    try {
      if (bytes != null) {
        return Json.read(bytes);
      }
    } catch (IOException e) {
      throw new StoreException("the blob " + stored.blob() + " is no JSON", e);
    }
    throw new StoreException("the blob " + stored.blob() + " is missing");
  }

  @Override
  public String toString() {
    return "RunResult[" + snapshot.key() + " " + snapshot.status() + "]";
  }
}
