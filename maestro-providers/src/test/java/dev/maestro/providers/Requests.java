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
    return AgentRequest.of(ATTEMPT, "engineer", prompt, directory);
  }

  static AgentRequest in(Path directory, String prompt, @Nullable SessionId session) {
    return in(directory, prompt).session(session);
  }

  static AgentRequest limited(Path directory, Limits limits) {
    return in(directory, "p").limits(limits);
  }

  static AgentRequest knowing(Path directory, String name, String secret) {
    return in(directory, "p").environment(Map.of(name, secret));
  }

  static AgentRequest marked(Path directory, String marker) {
    return in(directory, "p").processMarker(marker);
  }

  static AgentRequest full(Path directory, String system, String model, String session) {
    return in(directory, "the prompt")
        .systemPrompt(system)
        .model(model)
        .session(SessionId.of(session));
  }
}
