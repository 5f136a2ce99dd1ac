package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One recorded launch: when to replay it, what the agent did, and how it ended.
 *
 * @param when which launches it serves
 * @param does what it did on the way, in order
 * @param says its last words; may be empty
 * @param session the conversation, or null where there was none
 * @param usage what it used up, or null when nobody knows
 * @param exit the exit code of its process
 * @param failure what it said was wrong, or null; an exit code other than 0 without one is a
 *     failure too
 */
public record Recording(
    Match when,
    List<Deed> does,
    String says,
    @Nullable SessionId session,
    @Nullable Usage usage,
    int exit,
    @Nullable Failure failure) {

  /** Check that nothing required is missing. */
  public Recording {
    Objects.requireNonNull(when, "when");
    does = List.copyOf(does);
    Objects.requireNonNull(says, "says");
    if (exit < 0 || exit > 255) {
      throw new IllegalArgumentException("an exit code is 0 to 255, not " + exit);
    }
    if (failure != null && exit == 0) {
      throw new IllegalArgumentException("an agent that failed does not exit with 0");
    }
  }

  /**
   * Which launches a recording serves: those that fit everything that is not null.
   *
   * @param task the task's id
   * @param role what the step calls the agent
   * @param attempt the number of the attempt, 1 for the first
   * @param prompt what the prompt contains
   */
  public record Match(
      @Nullable String task,
      @Nullable String role,
      @Nullable Integer attempt,
      @Nullable String prompt) {

    /** Every launch. */
    public static final Match ANY = new Match(null, null, null, null);

    boolean fits(AgentRequest request) {
      return (task == null || task.equals(request.attempt().task().value()))
          && (role == null || role.equals(request.role()))
          && (attempt == null || attempt == request.attempt().number())
          && (prompt == null || request.prompt().contains(prompt));
    }
  }

  /** {@return what went wrong, if anything} */
  Optional<Failure> problem() {
    if (failure == null && exit != 0) {
      return Optional.of(Failure.of(ErrorClass.TRANSIENT, "ended with exit code " + exit));
    }
    return Optional.ofNullable(failure);
  }

  /** {@return the turn that does the same, its pauses made longer or shorter by the factor} */
  Turn turn(double pace) {
    Turn turn = problem().map(Turn::failing).orElseGet(() -> Turn.says(says));
    for (Deed deed : does) {
      turn = turn.with(act(deed, pace));
    }
    if (problem().isPresent() && !says.isEmpty()) {
      turn = turn.mentions(says);
    }
    if (session != null) {
      turn = turn.session(session.value());
    }
    return usage == null ? turn.usesUnknown() : turn.uses(usage);
  }

  private static Act act(Deed deed, double pace) {
    if (deed instanceof Deed.Writes file) {
      return stage -> stage.files().write(file.path(), file.content());
    }
    if (deed instanceof Deed.Deletes file) {
      return stage -> stage.files().delete(file.path());
    }
    if (deed instanceof Deed.Pauses pause) {
      Duration length = Duration.ofNanos((long) (pause.length().toNanos() * pace));
      return stage -> stage.pause(length);
    }
    AgentEvent event = ((Deed.Tells) deed).event();
    return stage -> stage.tell(event);
  }
}
