package dev.maestro.testing.crash;

import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link CrashMatrix} runs, kills and goes on with: a pipeline and everything it needs.
 *
 * <p>Implemented by a public class with a public constructor without parameters, because each JVM
 * of the matrix makes its own: agents, code steps and gates are code, which no JVM can hand to
 * another. Whatever has to survive a kill belongs into the directory, nothing into fields.
 *
 * <p>Agents must do the same in every run, as {@link dev.maestro.testing.ScriptedAgent} and {@link
 * dev.maestro.testing.RecordedAgent} do. Two undisturbed runs that differ fail the matrix before
 * anything is killed.
 */
public interface CrashScenario {

  /** The file in which {@link #executed} counts. */
  String EXECUTIONS = "executions";

  /** {@return what is run} */
  Pipeline pipeline();

  /** {@return the inputs of the run; none by default} */
  default Inputs inputs() {
    return Inputs.none();
  }

  /**
   * Make what stands around before the run begins, such as a repository.
   *
   * <p>Done once; each run works in a copy, in another place. So nothing in it may say where it
   * lies.
   *
   * @param directory an empty directory
   */
  default void prepare(Path directory) throws IOException {}

  /**
   * {@return a builder with everything but a store: providers, workspaces, code}
   *
   * @param directory where this run's world is
   */
  MaestroBuilder maestro(Path directory) throws IOException;

  /**
   * Answer a question of the run; yes by default, also to launching once more what a crash has
   * consumed.
   *
   * @return empty to leave it open, which is where the run ends then
   */
  default Optional<Answer> answer(Question question) {
    return Optional.of(Answer.approve());
  }

  /**
   * Do what a person would do about a run that can only go on through people and asks nothing, such
   * as grant it more, or claim a task and bring its outcome; nothing by default.
   *
   * @return whether anything was done; when not, this is where the run ends
   */
  default boolean help(Run run, RunResult result) throws InterruptedException {
    return false;
  }

  /**
   * Look at what the ended run has left in its directory, such as the tree of a branch.
   *
   * @return what must be there after a crash just as without one, by name
   */
  default Map<String, String> observe(Path directory) throws IOException {
    return Map.of();
  }

  /**
   * Take out of an output what differs from run to run, such as the hash of a commit.
   *
   * @param task which task returned it
   * @param output the output as JSON
   */
  default String comparable(String task, String output) {
    return output;
  }

  /**
   * Note that a task is being carried out; called by agents and code where they do their work.
   *
   * <p>This is what proves that completed work is not done again, whatever the journal says. A
   * program says the same with {@code echo "$MAESTRO_TASK_ID" >> executions} in the directory.
   */
  static void executed(Path directory, String task) throws IOException {
    Files.writeString(
        directory.resolve(EXECUTIONS),
        task + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
