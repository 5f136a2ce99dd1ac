package dev.maestro.langchain4j;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.SessionId;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests of one task. */
record Requests(
    Path directory,
    int attempt,
    @Nullable SessionId session,
    Map<String, String> environment,
    Limits limits,
    Cap cap,
    Conversations conversations) {

  static Requests in(Path directory) {
    return new Requests(directory, 1, null, Map.of(), Limits.DEFAULT, Cap.NONE, Conversations.NONE);
  }

  Requests attempt(int number) {
    return new Requests(directory, number, session, environment, limits, cap, conversations);
  }

  Requests resuming(SessionId id) {
    return new Requests(directory, attempt, id, environment, limits, cap, conversations);
  }

  Requests environment(Map<String, String> variables) {
    return new Requests(directory, attempt, session, variables, limits, cap, conversations);
  }

  Requests limits(Limits other) {
    return new Requests(directory, attempt, session, environment, other, cap, conversations);
  }

  Requests cap(Cap other) {
    return new Requests(directory, attempt, session, environment, limits, other, conversations);
  }

  Requests keeping(Conversations kept) {
    return new Requests(directory, attempt, session, environment, limits, cap, kept);
  }

  AgentRequest prompt(String text) {
    AttemptId id =
        new AttemptId(new RunKey(Tenant.DEFAULT, RunId.of("run-1")), TaskId.of("task"), attempt);
    return AgentRequest.of(id, "engineer", text, directory)
        .session(session)
        .environment(environment)
        .limits(limits)
        .cap(cap)
        .conversations(conversations);
  }
}
