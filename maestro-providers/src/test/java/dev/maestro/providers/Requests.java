package dev.maestro.providers;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.SessionId;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests that differ in one thing from an ordinary one. */
final class Requests {

  private static final AttemptId ATTEMPT =
      new AttemptId(new RunKey(Tenant.DEFAULT, RunId.of("run-7")), TaskId.of("parent/green"), 2);

  private Requests() {}

  static AgentRequest in(Path directory, String prompt) {
    return new AgentRequest(
        ATTEMPT, "engineer", prompt, null, null, null, directory, Map.of(), Limits.DEFAULT);
  }

  static AgentRequest in(Path directory, String prompt, @Nullable SessionId session) {
    return new AgentRequest(
        ATTEMPT, "engineer", prompt, null, null, session, directory, Map.of(), Limits.DEFAULT);
  }

  static AgentRequest limited(Path directory, Limits limits) {
    return new AgentRequest(
        ATTEMPT, "engineer", "p", null, null, null, directory, Map.of(), limits);
  }

  static AgentRequest knowing(Path directory, String name, String secret) {
    return new AgentRequest(
        ATTEMPT,
        "engineer",
        "p",
        null,
        null,
        null,
        directory,
        Map.of(name, secret),
        Limits.DEFAULT);
  }

  static AgentRequest marked(Path directory, String marker) {
    return new AgentRequest(
        ATTEMPT, "engineer", "p", null, null, null, directory, Map.of(), Limits.DEFAULT, marker);
  }

  static AgentRequest full(Path directory, String system, String model, String session) {
    return new AgentRequest(
        ATTEMPT,
        "engineer",
        "the prompt",
        system,
        model,
        SessionId.of(session),
        directory,
        Map.of(),
        Limits.DEFAULT);
  }
}
