package dev.maestro.hosted;

import dev.maestro.Claim;
import dev.maestro.attempt.Handout;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Step;
import dev.maestro.run.Task;
import dev.maestro.task.TaskId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step that is a host's to do for a while.
 *
 * @param task which
 * @param claim the number under which it is handed in; what is handed in under another is refused
 * @param until when it goes back, unless it was asked for again or handed in by then
 * @param role as what it is done, such as {@code tester}
 * @param instructions what whoever plays the role is told it is, or null
 * @param prompt what to do, and after a failed attempt all that is known of it
 * @param directory where the files are; absolute
 * @param attempt the number of this attempt, from 1
 * @param attempts the number of the last attempt that the step may have
 * @param output the name of what it returns, or null when nothing needs to be returned
 * @param json whether that must be JSON
 * @param gates what is checked when it is handed in, by name
 * @param protectedFiles files that are put back before that, as globs
 * @param mayWrite globs of the only files that may be changed; none for any
 */
public record HostedStep(
    TaskId task,
    int claim,
    Instant until,
    String role,
    @Nullable String instructions,
    String prompt,
    Path directory,
    int attempt,
    int attempts,
    @Nullable String output,
    boolean json,
    List<String> gates,
    List<String> protectedFiles,
    List<String> mayWrite) {

  /** Check that nothing required is missing, and copy the lists. */
  public HostedStep {
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(until, "until");
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(directory, "directory");
    gates = List.copyOf(gates);
    protectedFiles = List.copyOf(protectedFiles);
    mayWrite = List.copyOf(mayWrite);
  }

  static HostedStep of(Task task, Claim claim, Handout.Brief brief) {
    Step step = task.step();
    return new HostedStep(
        task.id(),
        claim.number(),
        claim.until(),
        brief.persona().name(),
        brief.persona().systemPrompt(),
        brief.prompt(),
        brief.directory(),
        task.nextAttempt(),
        task.allowedAttempts(),
        step.output(),
        step.json(),
        step.gates().stream().map(Gate::name).toList(),
        step.gates().stream().flatMap(gate -> gate.protectedPaths().patterns().stream()).toList(),
        brief.persona().writes().patterns());
  }

  /** {@return what whoever plays the role is told it is, if anything} */
  public Optional<String> roleInstructions() {
    return Optional.ofNullable(instructions);
  }

  /** {@return all of it for people and agents} */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "Step %s is yours until %s: attempt %d of %d, claim %d.\n"
            .formatted(task, until, attempt, attempts, claim));
    text.append("Role: ").append(role).append("\nDirectory: ").append(directory).append('\n');
    line(text, "Change only: ", mayWrite);
    line(text, "These files are put back before the checks: ", protectedFiles);
    line(text, "Checked when you submit it: ", gates);
    text.append(returns());
    roleInstructions().ifPresent(told -> text.append('\n').append(told).append('\n'));
    return text.append('\n').append(prompt).append('\n').toString();
  }

  private String returns() {
    if (output == null) {
      return "Submit a short word on what was done.\n";
    }
    return "Submit as output: '" + output + "'" + (json ? ", which must be JSON.\n" : ".\n");
  }

  private static void line(StringBuilder text, String what, List<String> all) {
    if (!all.isEmpty()) {
      text.append(what).append(String.join(", ", all)).append('\n');
    }
  }
}
