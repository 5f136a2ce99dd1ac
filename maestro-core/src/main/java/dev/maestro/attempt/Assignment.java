package dev.maestro.attempt;

import dev.maestro.agent.AgentEvent;
import dev.maestro.policy.Policies;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Gathered;
import dev.maestro.run.Talk;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.task.AttemptId;
import dev.maestro.workspace.WorkspaceRequest;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one phase of one attempt is to work on, taken from the run's state when it begins.
 *
 * @param attempt which attempt of which task
 * @param pipeline the name of the run's pipeline
 * @param task the task
 * @param workspace where it works, if it works somewhere
 * @param policies what is switched on for it
 * @param values inputs and outputs by name; grows while other tasks end, so it must be safe for
 *     that
 * @param gathered what the output is made from of a task that has others inside
 * @param secretNames every secret that any step of the pipeline names
 * @param talk the conversation that it has had so far, or null for none
 * @param cancellation says when to stop
 * @param judgments what rules say about it until that is recorded
 * @param journal where to record what must be durable before going on
 * @param stream hears what an agent says; may lose some of it
 */
public record Assignment(
    AttemptId attempt,
    String pipeline,
    Task task,
    WorkspaceRequest workspace,
    Policies policies,
    Map<String, Value> values,
    Gathered gathered,
    Set<String> secretNames,
    @Nullable Talk talk,
    Cancellation cancellation,
    Judgments judgments,
    AttemptJournal journal,
    Consumer<AgentEvent> stream) {

  /** Check that nothing required is missing. */
  public Assignment {
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(workspace, "workspace");
    Objects.requireNonNull(policies, "policies");
    values = Collections.unmodifiableMap(values);
    Objects.requireNonNull(gathered, "gathered");
    secretNames = Set.copyOf(secretNames);
    Objects.requireNonNull(cancellation, "cancellation");
    Objects.requireNonNull(judgments, "judgments");
    Objects.requireNonNull(journal, "journal");
    Objects.requireNonNull(stream, "stream");
  }
}
