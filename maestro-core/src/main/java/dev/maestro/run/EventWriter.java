package dev.maestro.run;

import com.fasterxml.jackson.databind.node.DoubleNode;
import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.gate.Receipt;
import dev.maestro.gate.TestCount;
import dev.maestro.json.JsonText;
import dev.maestro.policy.EvalDecision;
import dev.maestro.policy.Judgment;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Priority;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the fields of one event into a JSON object that is open already; absent ones are left out.
 */
final class EventWriter {

  private final JsonText json;
  private @Nullable TaskId own;

  EventWriter(JsonText json) {
    this.json = json;
  }

  void write(RunEvent event) {
    own = null;
    // those of every run first: to ask for a class loads it
    if (event instanceof RunEvent.RunStarted e) {
      started(e);
    } else if (event instanceof RunEvent.Dispatched e) {
      attempt(e.task(), e.attempt());
      text("phase", e.phase().name());
    } else if (event instanceof RunEvent.Acted e) {
      acted(e);
    } else if (event instanceof RunEvent.RunMoved e) {
      text("to", e.to().name());
      text("reason", e.reason().code());
      optional("detail", e.detail());
      text("actor", e.actor().name());
    } else if (event instanceof RunEvent.TasksAdded e) {
      added(e);
    } else if (event instanceof RunEvent.Forked e) {
      forked(e);
    } else if (event instanceof RunEvent.Redefined e) {
      redefined(e);
    } else if (event instanceof RunEvent.Began e) {
      checkpoint("start", e.start());
    } else if (event instanceof RunEvent.Judged e) {
      judged(e);
    } else if (event instanceof RunEvent.Intent e) {
      intent(e);
    } else if (event instanceof RunEvent.Launched e) {
      attempt(e.task(), e.attempt());
      process(e.process());
      json.writeBooleanField("agent", e.agent());
    } else if (event instanceof RunEvent.SessionStarted e) {
      attempt(e.task(), e.attempt());
      text("session", e.session().value());
    } else if (event instanceof RunEvent.ConversationKept e) {
      conversation(e);
    } else if (event instanceof RunEvent.HandedOff e) {
      attempt(e.task(), e.attempt());
      text("session", e.session().value());
      json.writeNumberField("used", e.used());
      json.writeNumberField("window", e.window());
      text("said", e.said());
    } else if (event instanceof RunEvent.Transcribed e) {
      attempt(e.task(), e.attempt());
      text("blob", e.blob().hex());
      json.writeNumberField("bytes", e.bytes());
    } else if (event instanceof RunEvent.Opened e) {
      opened(e);
    } else if (event instanceof RunEvent.Verified e) {
      verified(e);
    } else if (event instanceof RunEvent.Checkpointed e) {
      checkpointed(e);
    } else if (event instanceof RunEvent.Scored e) {
      scored(e);
    } else if (event instanceof RunEvent.Merging e) {
      merging(e);
    } else if (event instanceof RunEvent.Integrated e) {
      task(e.task());
      checkpoint("merged", e.merged());
      receipts(e.receipts());
      trouble(e.trouble());
    } else if (event instanceof RunEvent.Asked e) {
      question(e.question());
      text("phase", e.phase().name());
      optional("merge", e.merge());
      optional("ahead", e.ahead());
    } else if (event instanceof RunEvent.Answered e) {
      text("question", e.question().value());
      text("decision", e.answer().decision().name());
      text("text", e.answer().text());
      text("actor", e.actor().name());
      optional("hash", e.answer().hash());
    } else if (event instanceof RunEvent.HandedOn e) {
      text("question", e.question().value());
      text("to", e.to().name());
      text("actor", e.actor().name());
    } else if (event instanceof RunEvent.Released e) {
      ids("tasks", e.tasks());
      json.writeBooleanField("again", e.again());
    } else if (event instanceof RunEvent.Granted e) {
      optional("task", e.task() == null ? null : e.task().value());
      if (e.inside()) {
        json.writeBooleanField("inside", true);
      }
      cap("more", e.more());
      text("actor", e.actor().name());
    } else if (event instanceof RunEvent.Reworked e) {
      text("task", e.task().value());
      text("feedback", e.feedback());
      text("actor", e.actor().name());
      ids("tasks", e.tasks());
    } else if (event instanceof RunEvent.Reopened e) {
      ids("tasks", e.tasks());
    } else if (event instanceof RunEvent.RolledBack e) {
      text("task", e.task().value());
      checkpoint("to", e.to());
      checkpoint("kept", e.kept());
      json.writeNumberField("changed", e.changed());
      text("actor", e.actor().name());
    } else if (event instanceof RunEvent.TaskClaimed e) {
      text("task", e.task().value());
      json.writeNumberField("number", e.claim().number());
      text("actor", e.claim().actor().name());
      text("until", e.claim().until().toString());
    } else if (event instanceof RunEvent.ClaimReleased e) {
      text("task", e.task().value());
      json.writeNumberField("number", e.number());
      text("actor", e.actor().name());
    } else if (event instanceof RunEvent.Delivered e) {
      delivered(e);
    }
    moves(event.moves());
    links(event.links());
  }

  private void started(RunEvent.RunStarted e) {
    text("tenant", e.key().tenant().value());
    text("run", e.key().run().value());
    text("actor", e.actor().name());
    text("pipeline", e.pipeline());
    text("definition", e.definition().hex());
    text("inputHash", e.inputHash());
    values("inputs", e.inputs());
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : e.labels().entrySet()) {
      text(label.getKey(), label.getValue());
    }
    json.writeEndObject();
    json.writeNumberField("rules", e.rules());
    terms(e.terms());
  }

  private void terms(Terms terms) {
    if (!terms.priority().equals(Priority.DEFAULT)) {
      json.writeNumberField("priority", terms.priority().value());
    }
    optional("timeLimit", terms.timeLimit() == null ? null : terms.timeLimit().toString());
    optional("owner", terms.owner() == null ? null : terms.owner().name());
    optional("claims", terms.closed() ? "owner" : null);
  }

  private void added(RunEvent.TasksAdded e) {
    text("by", e.by().value());
    text("template", e.template());
    json.writeArrayFieldStart("tasks");
    List<TaskId> before = List.of();
    for (RunEvent.TasksAdded.Added task : e.tasks()) {
      json.writeStartObject();
      text("id", task.id().value());
      text("item", task.item().id());
      text("text", task.item().text());
      optional("file", task.item().file());
      optional("phase", task.item().phase());
      json.writeNumberField("position", task.item().position());
      json.writeNumberField("total", task.item().total());
      // all of a phase wait for all of the phase before: written out, that would be quadratic
      if (!before.isEmpty() && before.equals(task.after())) {
        json.writeBooleanField("sameAfter", true);
      } else {
        ids("after", task.after());
      }
      before = task.after();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void redefined(RunEvent.Redefined e) {
    text("actor", e.actor().name());
    text("definition", e.definition().pipeline().hex());
    text("inputHash", e.definition().inputHash());
    json.writeObjectFieldStart("inputs");
    for (Map.Entry<String, Value> input : e.definition().inputs().entrySet()) {
      value(input.getKey(), input.getValue());
    }
    json.writeEndObject();
    ids("rerun", e.rerun());
    ids("orphaned", e.orphaned());
    ids("added", e.added());
  }

  private void forked(RunEvent.Forked e) {
    text("tenant", e.from().tenant().value());
    text("run", e.from().run().value());
    json.writeNumberField("sequence", e.sequence());
    checkpoint("start", e.start());
    json.writeArrayFieldStart("tasks");
    for (RunEvent.Forked.Kept task : e.tasks()) {
      json.writeStartObject();
      kept(task);
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!e.wanted().isEmpty()) {
      json.writeArrayFieldStart("wanted");
      for (RunEvent.Forked.Wanted one : e.wanted()) {
        json.writeStartObject();
        text("id", one.task().value());
        text("text", one.text());
        text("actor", one.actor().name());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private void kept(RunEvent.Forked.Kept task) {
    text("id", task.task().value());
    text("state", task.state().name());
    text("reason", task.reason().code());
    if (task.output() != null) {
      value("output", task.output());
    }
    usage(task.usage());
    checkpoint("checkpoint", task.checkpoint());
    carried(task);
    receipts(task.receipts());
    json.writeNumberField("changed", task.changed());
    text("evidence", task.evidence().name());
    optional("startedAt", task.startedAt() == null ? null : task.startedAt().toString());
    optional("endedAt", task.endedAt() == null ? null : task.endedAt().toString());
    optional("detail", task.detail());
    if (!task.makers().isEmpty()) {
      texts("makers", task.makers().stream().map(Actor::name).toList());
    }
  }

  /** Most tasks pass on what they made, and nothing else. */
  private void carried(RunEvent.Forked.Kept task) {
    if (task.checkpoint() != null && task.carried().equals(List.of(task.checkpoint()))) {
      json.writeBooleanField("carriesOwn", true);
    } else if (!task.carried().isEmpty()) {
      json.writeArrayFieldStart("carried");
      for (Checkpoint one : task.carried()) {
        json.writeStartObject();
        text("id", one.id());
        text("tree", one.tree());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private void judged(RunEvent.Judged e) {
    attempt(e.task(), e.attempt());
    text("phase", e.phase().name());
    json.writeArrayFieldStart("judgments");
    for (Judgment judgment : e.judgments()) {
      json.writeStartObject();
      judgment(judgment);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void judgment(Judgment judgment) {
    text("rule", judgment.rule());
    text("place", judgment.place().name());
    text("answer", judgment.answer().name());
    optional("reason", judgment.reason() == null ? null : judgment.reason().code());
    if (!judgment.detail().isEmpty()) {
      text("detail", judgment.detail());
    }
    if (!judgment.numbers().isEmpty()) {
      json.writeObjectFieldStart("numbers");
      judgment.numbers().values().forEach((name, number) -> text(name, number.toPlainString()));
      json.writeEndObject();
    }
  }

  private void intent(RunEvent.Intent e) {
    attempt(e.task(), e.attempt());
    text("provider", e.provider());
    optional("model", e.model());
    text("head", e.head());
    text("promptHash", e.promptHash());
    optional("resumes", e.resumes() == null ? null : e.resumes().value());
    json.writeBooleanField("promptAfterStart", e.promptAfterStart());
    if (e.reserved() != null) {
      cap("reserved", e.reserved().cap());
      texts("accounts", e.reserved().accounts());
      if (e.reserved().degraded()) {
        json.writeBooleanField("degraded", true);
      }
    }
  }

  private void cap(String name, Cap cap) {
    json.writeObjectFieldStart(name);
    limit("tokens", cap.tokens());
    optional("usd", cap.money() == null ? null : cap.money().decimal());
    optional("time", cap.time() == null ? null : cap.time().toString());
    limit("turns", cap.turns());
    limit("tools", cap.toolCalls());
    limit("launches", cap.launches());
    json.writeEndObject();
  }

  private void limit(String name, @Nullable Long most) {
    if (most != null) {
      json.writeNumberField(name, most);
    }
  }

  private void conversation(RunEvent.ConversationKept e) {
    attempt(e.task(), e.attempt());
    text("session", e.session().value());
    text("provider", e.provider());
    optional("model", e.model());
    json.writeBooleanField("manual", e.manual());
    json.writeArrayFieldStart("parts");
    for (RunEvent.ConversationKept.Part part : e.parts()) {
      json.writeStartObject();
      text("blob", part.blob().hex());
      json.writeNumberField("messages", part.messages());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void acted(RunEvent.Acted e) {
    attempt(e.task(), e.attempt());
    if (e.output() != null) {
      value("output", e.output());
    }
    usage(e.usage());
    optional("session", e.session() == null ? null : e.session().value());
    trouble(e.trouble());
    if (e.degraded()) {
      json.writeBooleanField("degraded", true);
    }
  }

  private void delivered(RunEvent.Delivered e) {
    text("task", e.task().value());
    json.writeNumberField("number", e.number());
    if (e.output() != null) {
      value("output", e.output());
    }
    usage(e.usage());
    trouble(e.trouble());
  }

  private void opened(RunEvent.Opened e) {
    attempt(e.task(), e.attempt());
    values("inputs", e.inputs());
    if (!e.elements().isEmpty()) {
      json.writeArrayFieldStart("elements");
      for (Value.Inline element : e.elements()) {
        json.writeTree(element.json());
      }
      json.writeEndArray();
    }
  }

  private void verified(RunEvent.Verified e) {
    attempt(e.task(), e.attempt());
    checkpoint("checkpoint", e.checkpoint());
    json.writeNumberField("changed", e.changed());
    texts("restored", e.restored());
    receipts(e.receipts());
    trouble(e.trouble());
  }

  private void checkpointed(RunEvent.Checkpointed e) {
    attempt(e.task(), e.attempt());
    checkpoint("start", e.start());
    checkpoint("checkpoint", e.checkpoint());
    json.writeNumberField("changed", e.changed());
    texts("restored", e.restored());
  }

  private void scored(RunEvent.Scored e) {
    attempt(e.task(), e.attempt());
    text("step", e.step());
    text("scoredBy", e.scoredBy());
    number("score", e.score());
    json.writeObjectFieldStart("evaluation");
    evaluation(e.decision());
    json.writeEndObject();
  }

  /** With the names of the requirement M2-15. */
  private void evaluation(EvalDecision decision) {
    text("decision", decision.decision().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("baseline_sample_size", decision.baselineSampleSize());
    json.writeNumberField("min_baseline_runs", decision.minBaselineRuns());
    json.writeNumberField("baseline_window", decision.baselineWindow());
    decision.baselineScore().ifPresent(score -> number("baseline_score", score));
    decision.scoreDrop().ifPresent(drop -> number("score_drop", drop));
    json.writeArrayFieldStart("reason_codes");
    decision.reasonCodes().forEach(reason -> json.writeString(reason.code()));
    json.writeEndArray();
    text("message", decision.message());
  }

  private void number(String name, double number) {
    json.writeFieldName(name);
    json.writeTree(DoubleNode.valueOf(number));
  }

  private void merging(RunEvent.Merging e) {
    task(e.task());
    text("branch", e.branch());
    checkpoint("before", e.before());
    checkpoint("merged", e.merged());
    receipts(e.receipts());
  }

  private void question(Question q) {
    text("id", q.id().value());
    task(q.task());
    text("kind", q.kind().name());
    text("text", q.text());
    if (q.shown() != null) {
      json.writeObjectFieldStart("shown");
      text("hash", q.shown().hash());
      text("text", q.shown().text());
      json.writeEndObject();
    }
    optional("risk", q.risk() == null ? null : q.risk().name());
    answering(q.answering());
  }

  private void answering(Answering a) {
    optional("expiresAt", a.expiresAt() == null ? null : a.expiresAt().toString());
    if (a.quorum() != Answering.DEFAULT.quorum()) {
      json.writeNumberField("quorum", a.quorum());
    }
    optional("owner", a.owner() == null ? null : a.owner().name());
    texts("delegates", a.delegates().stream().map(Actor::name).toList());
    texts("approvedBy", a.approvedBy().stream().map(Actor::name).toList());
  }

  private void count(String name, long number) {
    if (number != 0) {
      json.writeNumberField(name, number);
    }
  }

  /** The task that an event is about, which its moves need not name again. */
  private void task(TaskId task) {
    text("task", task.value());
    own = task;
  }

  private void attempt(TaskId task, int attempt) {
    task(task);
    json.writeNumberField("attempt", attempt);
  }

  private void process(@Nullable ProcessIdentity process) {
    if (process != null) {
      json.writeObjectFieldStart("process");
      text("boot", process.bootId());
      json.writeNumberField("pid", process.pid());
      json.writeNumberField("ticks", process.startTicks());
      text("marker", process.marker());
      json.writeEndObject();
    }
  }

  private void usage(@Nullable Usage usage) {
    if (usage != null) {
      json.writeObjectFieldStart("usage");
      count("input", usage.inputTokens());
      count("output", usage.outputTokens());
      count("cached", usage.cachedTokens());
      if (!usage.cost().equals(Money.ZERO)) {
        text("usd", usage.cost().decimal());
      }
      count("turns", usage.turns());
      count("tools", usage.toolCalls());
      if (usage.presumed()) {
        json.writeBooleanField("presumed", true);
      }
      json.writeEndObject();
    }
  }

  private void checkpoint(String name, @Nullable Checkpoint checkpoint) {
    if (checkpoint != null) {
      json.writeObjectFieldStart(name);
      text("id", checkpoint.id());
      text("tree", checkpoint.tree());
      json.writeEndObject();
    }
  }

  private void receipts(List<Receipt> receipts) {
    if (receipts.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("receipts");
    receipts.forEach(this::receipt);
    json.writeEndArray();
  }

  /**
   * What is hashed for the chain, too: a field that is appended is left out where it says nothing.
   */
  void receipt(Receipt receipt) {
    json.writeStartObject();
    text("gate", receipt.gate());
    texts("command", receipt.command());
    json.writeBooleanField("passed", receipt.passed());
    if (receipt.exitCode() != null) {
      json.writeNumberField("exit", receipt.exitCode());
    }
    text("tree", receipt.tree());
    text("outputHash", receipt.outputHash());
    text("excerpt", receipt.excerpt());
    text("startedAt", receipt.startedAt().toString());
    text("duration", receipt.duration().toString());
    tests("tests", receipt.tests());
    tests("testsBefore", receipt.before());
    json.writeEndObject();
  }

  private void tests(String name, @Nullable TestCount tests) {
    if (tests != null) {
      json.writeObjectFieldStart(name);
      json.writeNumberField("total", tests.total());
      json.writeNumberField("skipped", tests.skipped());
      text("tree", tests.tree());
      json.writeEndObject();
    }
  }

  private void links(@Nullable ReceiptLinks links) {
    if (links != null) {
      json.writeObjectFieldStart("chain");
      json.writeNumberField("before", links.before());
      text("previous", links.previous());
      texts("hashes", links.hashes());
      json.writeEndObject();
    }
  }

  private void trouble(@Nullable Trouble trouble) {
    if (trouble != null) {
      json.writeObjectFieldStart("trouble");
      text("reason", trouble.reason().code());
      optional("class", trouble.errorClass() == null ? null : trouble.errorClass().name());
      text("message", trouble.message());
      text("excerpt", trouble.excerpt());
      optional("until", trouble.until() == null ? null : trouble.until().toString());
      json.writeEndObject();
    }
  }

  private void moves(List<Move> moves) {
    if (moves.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("moves");
    TaskId task = own;
    TaskState at = null;
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      json.writeStartObject();
      if (!move.task().equals(task)) {
        text("task", move.task().value());
        at = null;
      }
      if (move.from() != at) {
        text("from", move.from().name());
      }
      task = move.task();
      at = move.to();
      text("to", move.to().name());
      text("reason", move.reason().code());
      optional("detail", move.detail());
      optional("until", move.until() == null ? null : move.until().toString());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void values(String name, Map<String, Value> values) {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Value> one : values.entrySet()) {
      value(one.getKey(), one.getValue());
    }
    json.writeEndObject();
  }

  private void value(String name, Value value) {
    json.writeObjectFieldStart(name);
    if (value instanceof Value.Inline inline) {
      json.writeFieldName("json");
      json.writeTree(inline.json());
    } else if (value instanceof Value.Stored stored) {
      text("blob", stored.blob().hex());
      json.writeNumberField("bytes", stored.bytes());
    }
    json.writeEndObject();
  }

  private void ids(String name, List<TaskId> ids) {
    texts(name, ids.stream().map(TaskId::value).toList());
  }

  private void texts(String name, Collection<String> texts) {
    if (texts.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private void optional(String name, @Nullable String text) {
    if (text != null) {
      text(name, text);
    }
  }

  private void text(String name, String text) {
    json.writeStringField(name, text);
  }
}
