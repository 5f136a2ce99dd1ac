package dev.maestro.testing;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Requests for a task. */
record Requests(Path directory) {

  AgentRequest task(String task, int attempt) {
    return request(task, attempt, "engineer", "the prompt", null);
  }

  AgentRequest role(String task, String role) {
    return request(task, 1, role, "the prompt", null);
  }

  AgentRequest prompt(String task, String prompt) {
    return request(task, 1, "engineer", prompt, null);
  }

  AgentRequest resuming(String task, String session) {
    return request(task, 2, "engineer", "the prompt", SessionId.of(session));
  }

  private AgentRequest request(
      String task, int attempt, String role, String prompt, @Nullable SessionId session) {
    AttemptId id =
        new AttemptId(new RunKey(Tenant.DEFAULT, RunId.of("run-1")), TaskId.of(task), attempt);
    return AgentRequest.of(id, role, prompt, directory).session(session);
  }
}
