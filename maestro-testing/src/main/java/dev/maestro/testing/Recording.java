package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
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
 * @param scene what it found, where it is replayed only for the same; or null for any
 */
public record Recording(
    Match when,
    List<Deed> does,
    String says,
    @Nullable SessionId session,
    @Nullable Usage usage,
    int exit,
    @Nullable Failure failure,
    @Nullable Scene scene) {

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

  /** Record a launch that is replayed whatever it finds. */
  public Recording(
      Match when,
      List<Deed> does,
      String says,
      @Nullable SessionId session,
      @Nullable Usage usage,
      int exit,
      @Nullable Failure failure) {
    this(when, does, says, session, usage, exit, failure, null);
  }

  /** {@return why it cannot be replayed here, if it cannot} */
  Optional<String> misfit(AgentRequest request) {
    if (scene == null) {
      return Optional.empty();
    }
    List<String> differences;
    try {
      differences =
          scene.differences(Scene.of(request.prompt(), request.directory(), scene.ignored()));
    } catch (IOException e) {
      throw new TransientException("cannot look at the files in " + request.directory(), e);
    }
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the recording of task `%s`, attempt %d, does not fit: %s"
                .formatted(
                    request.attempt().task(),
                    request.attempt().number(),
                    String.join("; ", differences)));
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
    if (deed instanceof Deed.WritesBinary file) {
      byte[] content = Base64.getDecoder().decode(file.base64());
      return stage -> stage.files().writeBytes(file.path(), content);
    }
    if (deed instanceof Deed.Patches patch) {
      return stage -> stage.files().patch(patch);
    }
    if (deed instanceof Deed.Asks question) {
      return stage -> ask(stage, question);
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

  /** Another answer would have led to something else. */
  private static void ask(Stage stage, Deed.Asks asked) {
    PermissionDecision decision = stage.listener().permit(asked.request());
    if (decision.allowed() != asked.allowed()) {
      throw new PermanentException(
          "the recording does not fit: its agent %s use `%s`, and now it %s"
              .formatted(
                  asked.allowed() ? "might" : "might not",
                  asked.request().tool(),
                  decision.allowed() ? "may" : "may not: " + decision.reason()));
    }
  }
}
