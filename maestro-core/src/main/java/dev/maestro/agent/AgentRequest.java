package dev.maestro.agent;

import dev.maestro.task.AttemptId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One launch of an agent.
 *
 * @param attempt which attempt of which task this is
 * @param role what the step calls the agent, such as {@code tester}
 * @param prompt what to do
 * @param systemPrompt what the agent is, or null for its own default
 * @param model the provider's full model id, or null for its own default
 * @param session the session to resume, or null for a new one
 * @param directory where to work; absolute
 * @param environment variables to add for child processes; may hold secrets
 * @param limits how long it may take
 */
public record AgentRequest(
    AttemptId attempt,
    String role,
    String prompt,
    @Nullable String systemPrompt,
    @Nullable String model,
    @Nullable SessionId session,
    Path directory,
    Map<String, String> environment,
    Limits limits) {

  /** Check that nothing required is missing. */
  public AgentRequest {
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(limits, "limits");
    environment = Map.copyOf(environment);
  }

  /** {@return the session to resume, if any} */
  public Optional<SessionId> resumes() {
    return Optional.ofNullable(session);
  }

  /**
   * How long a launch may take.
   *
   * @param total from start to end
   * @param inactivity without a sign of life
   */
  public record Limits(Duration total, Duration inactivity) {

    /** An hour in all, ten minutes of silence. */
    public static final Limits DEFAULT = new Limits(Duration.ofHours(1), Duration.ofMinutes(10));

    /** Check that both are positive. */
    public Limits {
      if (total.isNegative() || total.isZero() || inactivity.isNegative() || inactivity.isZero()) {
        throw new IllegalArgumentException("time limits must be positive");
      }
    }
  }

  /** Leaves out the prompts and the environment, which may hold what must not be logged. */
  @Override
  public String toString() {
    return "AgentRequest[" + attempt + ", role=" + role + ", model=" + model + "]";
  }
}
