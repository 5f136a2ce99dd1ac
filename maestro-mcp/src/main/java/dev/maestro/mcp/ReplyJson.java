package dev.maestro.mcp;

import dev.maestro.approval.Question;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes replies as JSON, for programs; {@code kind} says which reply it is. */
final class ReplyJson {

  private final Map<String, Object> fields = new LinkedHashMap<>();

  private ReplyJson() {}

  static Map<String, Object> of(Reply reply) {
    ReplyJson json = new ReplyJson();
    json.put("kind", reply.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    json.write(reply);
    return json.fields;
  }

  private void write(Reply reply) {
    if (reply instanceof Reply.Started started) {
      put("run_id", started.run().value()).put("workflow", started.pipeline());
    } else if (reply instanceof Reply.Work work) {
      put("run_id", work.run().value());
      put("steps", work.steps().stream().map(ReplyJson::of).toList());
    } else if (reply instanceof Reply.Waiting waiting) {
      put("run_id", waiting.run().value())
          .put("why", waiting.why())
          .put("until", text(waiting.until()));
      put("questions", questions(waiting.questions()));
    } else if (reply instanceof Reply.Ended ended) {
      put("run_id", ended.run().value()).put("status", ended.status().name());
      put("why", ended.why()).put("outputs", ended.outputs());
    } else if (reply instanceof Reply.Status status) {
      write(status.run());
    } else if (reply instanceof Reply.Refused refused) {
      put("code", refused.code()).put("why", refused.why());
    } else {
      writeOutcome(reply);
    }
  }

  private void writeOutcome(Reply reply) {
    if (reply instanceof Reply.Accepted accepted) {
      step(accepted.run().value(), accepted.task().value()).put("passed", accepted.gates());
    } else if (reply instanceof Reply.Declined declined) {
      step(declined.run().value(), declined.task().value());
      put("why", declined.why()).put("attempts_left", declined.attemptsLeft());
    } else if (reply instanceof Reply.Checking checking) {
      step(checking.run().value(), checking.task().value());
    } else if (reply instanceof Reply.Released released) {
      step(released.run().value(), released.task().value());
    } else if (reply instanceof Reply.Answered answered) {
      put("run_id", answered.run().value()).put("question_id", answered.question().value());
      put("decision", answered.decision().name().toLowerCase(Locale.ROOT));
    } else {
      put("text", reply.text());
    }
  }

  private ReplyJson step(String run, String step) {
    return put("run_id", run).put("step_id", step);
  }

  private void write(RunSnapshot run) {
    put("run_id", run.key().run().value()).put("workflow", run.pipeline());
    put("status", run.status().name()).put("why", run.detail());
    put(
        "steps",
        run.tasks().stream().filter(task -> !task.isRetired()).map(ReplyJson::of).toList());
    put("questions", questions(run.questions()));
  }

  private static Map<String, Object> of(HostedStep step) {
    return new ReplyJson()
        .put("step_id", step.task().value())
        .put("claim", step.claim())
        .put("until", text(step.until()))
        .put("role", step.role())
        .put("instructions", step.instructions())
        .put("prompt", step.prompt())
        .put("directory", step.directory().toString())
        .put("attempt", step.attempt())
        .put("attempts", step.attempts())
        .put("output", step.output())
        .put("json", step.json())
        .put("gates", step.gates())
        .put("put_back", step.protectedFiles())
        .put("may_write", step.mayWrite())
        .fields;
  }

  private static Map<String, Object> of(Task task) {
    return new ReplyJson()
        .put("step_id", task.id().value())
        .put("state", task.state().name())
        .put("reason", task.reason().map(reason -> reason.code()).orElse(null))
        .put("why", task.detail().orElse(null))
        .put("attempt", task.attempt())
        .put("attempts", task.allowedAttempts())
        .put("with", task.claim().map(claim -> claim.actor().name()).orElse(null))
        .put("until", text(task.until().orElse(null)))
        .put("waits_for_host", task.awaitsClaim())
        .fields;
  }

  private static List<Map<String, Object>> questions(List<Question> questions) {
    return questions.stream().map(ReplyJson::of).toList();
  }

  private static Map<String, Object> of(Question question) {
    return new ReplyJson()
        .put("question_id", question.id().value())
        .put("step_id", question.task().value())
        .put("text", question.text())
        .put("shows", question.shown() == null ? null : question.shown().text())
        .put("shown", question.hash())
        .fields;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  /** What there is not is left out. */
  private ReplyJson put(String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value);
    }
    return this;
  }
}
