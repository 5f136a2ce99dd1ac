package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.approval.Shown;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Receipt;
import dev.maestro.gate.TestCount;
import dev.maestro.policy.EvalDecision;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one event; passes over those it does not know. */
final class EventReader {

  private final Instant at;
  private final JsonNode json;

  EventReader(Instant at, JsonNode json) {
    this.at = at;
    this.json = json;
  }

  static boolean knows(String type) {
    return RunEventCodec.TYPES.containsValue(type);
  }

  RunEvent read(String type) {
    return switch (type) {
      case "run-started" -> started();
      case "tasks-added" ->
          new RunEvent.TasksAdded(at, task("by"), text(json, "template"), addedTasks());
      case "redefined" ->
          new RunEvent.Redefined(
              at,
              Actor.of(text(json, "actor")),
              new Definition(
                  new BlobId(text(json, "definition")), text(json, "inputHash"), values("inputs")),
              ids(json, "rerun"),
              ids(json, "orphaned"),
              ids(json, "added"),
              moves());
      case "forked" ->
          new RunEvent.Forked(
              at,
              new RunKey(Tenant.of(text(json, "tenant")), RunId.of(text(json, "run"))),
              json.path("sequence").asLong(),
              checkpoint(present(json, "start")),
              list(json, "tasks", EventReader::kept),
              links(),
              list(json, "wanted", EventReader::wanted));
      case "began" ->
          new RunEvent.Began(at, Objects.requireNonNull(checkpoint(present(json, "start"))));
      case "dispatched" -> new RunEvent.Dispatched(at, task(), attempt(), phase(), moves());
      case "judged" ->
          new RunEvent.Judged(
              at, task(), attempt(), phase(), list(json, "judgments", EventReader::judgment));
      case "intent" ->
          new RunEvent.Intent(
              at,
              task(),
              attempt(),
              text(json, "provider"),
              optional(json, "model"),
              text(json, "head"),
              text(json, "promptHash"),
              session("resumes"),
              json.path("promptAfterStart").asBoolean(),
              reserved());
      case "launched" ->
          new RunEvent.Launched(
              at,
              task(),
              attempt(),
              process(present(json, "process")),
              json.path("agent").asBoolean());
      case "session-started" ->
          new RunEvent.SessionStarted(at, task(), attempt(), SessionId.of(text(json, "session")));
      case "conversation-kept" -> conversation();
      case "handed-off" ->
          new RunEvent.HandedOff(
              at,
              task(),
              attempt(),
              SessionId.of(text(json, "session")),
              json.path("used").asLong(),
              json.path("window").asLong(),
              text(json, "said"));
      case "transcribed" ->
          new RunEvent.Transcribed(
              at, task(), attempt(), new BlobId(text(json, "blob")), json.path("bytes").asLong());
      case "acted" ->
          new RunEvent.Acted(
              at,
              task(),
              attempt(),
              json.hasNonNull("output") ? value(json.get("output")) : null,
              usage(present(json, "usage")),
              session("session"),
              trouble(present(json, "trouble")),
              moves(),
              json.path("degraded").asBoolean());
      case "opened" ->
          new RunEvent.Opened(
              at, task(), attempt(), values("inputs"), list(json, "elements", Value.Inline::new));
      case "verified" ->
          new RunEvent.Verified(
              at,
              task(),
              attempt(),
              checkpoint(present(json, "checkpoint")),
              json.path("changed").asInt(),
              texts(json, "restored"),
              receipts(),
              trouble(present(json, "trouble")),
              moves(),
              links());
      case "checkpointed" ->
          new RunEvent.Checkpointed(
              at,
              task(),
              attempt(),
              requireCheckpoint("start"),
              requireCheckpoint("checkpoint"),
              json.path("changed").asInt(),
              texts(json, "restored"));
      case "scored" -> scored();
      case "merging" ->
          new RunEvent.Merging(
              at,
              task(),
              text(json, "branch"),
              requireCheckpoint("before"),
              requireCheckpoint("merged"),
              receipts(),
              links());
      case "integrated" ->
          new RunEvent.Integrated(
              at,
              task(),
              checkpoint(present(json, "merged")),
              receipts(),
              trouble(present(json, "trouble")),
              moves(),
              links());
      case "asked" ->
          new RunEvent.Asked(
              question(), phase(), moves(), optional(json, "merge"), optional(json, "ahead"));
      case "answered" ->
          new RunEvent.Answered(
              at,
              QuestionId.of(text(json, "question")),
              new Answer(
                  Answer.Decision.valueOf(text(json, "decision")),
                  text(json, "text"),
                  optional(json, "hash")),
              Actor.of(text(json, "actor")),
              moves());
      case "handed-on" ->
          new RunEvent.HandedOn(
              at,
              QuestionId.of(text(json, "question")),
              Actor.of(text(json, "to")),
              Actor.of(text(json, "actor")));
      case "released" ->
          new RunEvent.Released(at, ids(json, "tasks"), json.path("again").asBoolean());
      case "granted" ->
          new RunEvent.Granted(
              at,
              json.hasNonNull("task") ? task() : null,
              json.path("inside").asBoolean(),
              cap(json.path("more")),
              Actor.of(text(json, "actor")));
      case "reworked" ->
          new RunEvent.Reworked(
              at,
              task(),
              text(json, "feedback"),
              Actor.of(text(json, "actor")),
              ids(json, "tasks"),
              moves());
      case "reopened" -> new RunEvent.Reopened(at, ids(json, "tasks"));
      case "rolled-back" ->
          new RunEvent.RolledBack(
              at,
              task(),
              requireCheckpoint("to"),
              requireCheckpoint("kept"),
              json.path("changed").asInt(),
              Actor.of(text(json, "actor")));
      case "task-claimed" ->
          new RunEvent.TaskClaimed(
              at,
              task(),
              new Claimed(
                  json.path("number").asInt(),
                  Actor.of(text(json, "actor")),
                  Instant.parse(text(json, "until"))));
      case "claim-released" ->
          new RunEvent.ClaimReleased(
              at, task(), json.path("number").asInt(), Actor.of(text(json, "actor")));
      case "delivered" -> delivered();
      case "moved" -> new RunEvent.Moved(at, moves());
      case "run-moved" ->
          new RunEvent.RunMoved(
              at,
              RunStatus.valueOf(text(json, "to")),
              Reason.of(text(json, "reason")),
              optional(json, "detail"),
              Actor.of(text(json, "actor")),
              links());
      default -> throw new IllegalArgumentException("unknown event " + type);
    };
  }

  private RunEvent.RunStarted started() {
    Map<String, String> labels = new LinkedHashMap<>();
    json.path("labels").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    return new RunEvent.RunStarted(
        at,
        new RunKey(Tenant.of(text(json, "tenant")), RunId.of(text(json, "run"))),
        Actor.of(text(json, "actor")),
        text(json, "pipeline"),
        new BlobId(text(json, "definition")),
        text(json, "inputHash"),
        values("inputs"),
        labels,
        json.path("rules").asInt(),
        terms());
  }

  private Terms terms() {
    String timeLimit = optional(json, "timeLimit");
    return new Terms(
        Priority.of(json.path("priority").asInt(Priority.DEFAULT.value())),
        timeLimit == null ? null : Duration.parse(timeLimit),
        actor("owner"),
        "owner".equals(optional(json, "claims")));
  }

  private List<RunEvent.TasksAdded.Added> addedTasks() {
    List<RunEvent.TasksAdded.Added> all = new ArrayList<>();
    List<TaskId> after = List.of();
    for (JsonNode node : json.path("tasks")) {
      if (!node.path("sameAfter").asBoolean()) {
        after = List.copyOf(ids(node, "after"));
      }
      all.add(added(node, after));
    }
    return all;
  }

  private static RunEvent.TasksAdded.Added added(JsonNode node, List<TaskId> after) {
    Item item =
        new Item(
            text(node, "item"),
            text(node, "text"),
            optional(node, "file"),
            optional(node, "phase"),
            node.path("position").asInt(),
            node.path("total").asInt());
    return new RunEvent.TasksAdded.Added(TaskId.of(text(node, "id")), item, after);
  }

  private static RunEvent.Forked.Kept kept(JsonNode node) {
    Checkpoint own = checkpoint(present(node, "checkpoint"));
    boolean carriesOwn = node.path("carriesOwn").asBoolean() && own != null;
    Usage usage = usage(present(node, "usage"));
    return new RunEvent.Forked.Kept(
        TaskId.of(text(node, "id")),
        TaskState.valueOf(text(node, "state")),
        Reason.of(text(node, "reason")),
        node.hasNonNull("output") ? value(node.get("output")) : null,
        usage == null ? Usage.NONE : usage,
        own,
        carriesOwn ? List.of(own) : list(node, "carried", EventReader::requireCheckpoint),
        list(node, "receipts", EventReader::receipt),
        node.path("changed").asInt(),
        Evidence.valueOf(text(node, "evidence")),
        instant(node, "startedAt"),
        instant(node, "endedAt"),
        optional(node, "detail"),
        texts(node, "makers").stream().map(Actor::of).toList());
  }

  private static RunEvent.Forked.Wanted wanted(JsonNode node) {
    return new RunEvent.Forked.Wanted(
        TaskId.of(text(node, "id")), text(node, "text"), Actor.of(text(node, "actor")));
  }

  private RunEvent.Intent.@Nullable Reserved reserved() {
    JsonNode cap = present(json, "reserved");
    return cap == null
        ? null
        : new RunEvent.Intent.Reserved(
            cap(cap), texts(json, "accounts"), json.path("degraded").asBoolean());
  }

  private static Cap cap(JsonNode node) {
    String usd = optional(node, "usd");
    String time = optional(node, "time");
    return new Cap(
        limit(node, "tokens"),
        usd == null ? null : Money.usd(usd),
        time == null ? null : Duration.parse(time),
        limit(node, "turns"),
        limit(node, "tools"),
        limit(node, "launches"));
  }

  private static @Nullable Long limit(JsonNode node, String name) {
    return node.hasNonNull(name) ? (Long) node.get(name).asLong() : null;
  }

  private static Judgment judgment(JsonNode node) {
    String reason = optional(node, "reason");
    return new Judgment(
        text(node, "rule"),
        Place.valueOf(text(node, "place")),
        Judgment.Answer.valueOf(text(node, "answer")),
        reason == null ? null : Reason.of(reason),
        node.path("detail").asText(""),
        numbers(node.path("numbers")));
  }

  private RunEvent.Scored scored() {
    return new RunEvent.Scored(
        at,
        task(),
        attempt(),
        text(json, "step"),
        text(json, "scoredBy"),
        json.path("score").asDouble(),
        evaluation(json.path("evaluation")));
  }

  private static EvalDecision evaluation(JsonNode node) {
    return new EvalDecision(
        EvalDecision.Outcome.valueOf(text(node, "decision").toUpperCase(Locale.ROOT)),
        node.path("baseline_sample_size").asInt(),
        node.path("min_baseline_runs").asInt(),
        node.path("baseline_window").asInt(),
        number(node, "baseline_score"),
        number(node, "score_drop"),
        list(node, "reason_codes", code -> Reason.of(code.asText())),
        node.path("message").asText(""));
  }

  private static OptionalDouble number(JsonNode node, String name) {
    return node.hasNonNull(name)
        ? OptionalDouble.of(node.get(name).asDouble())
        : OptionalDouble.empty();
  }

  private static Numbers numbers(JsonNode node) {
    Map<String, BigDecimal> numbers = new LinkedHashMap<>();
    node.properties().stream()
        .filter(e -> e.getValue().isTextual())
        .forEach(e -> numbers.put(e.getKey(), new BigDecimal(e.getValue().textValue())));
    return numbers.isEmpty() ? Numbers.NONE : new Numbers(numbers);
  }

  private static Checkpoint requireCheckpoint(JsonNode node) {
    return new Checkpoint(text(node, "id"), text(node, "tree"));
  }

  private RunEvent.Delivered delivered() {
    Usage usage = usage(present(json, "usage"));
    return new RunEvent.Delivered(
        at,
        task(),
        json.path("number").asInt(),
        json.hasNonNull("output") ? value(json.get("output")) : null,
        usage == null ? Usage.NONE : usage,
        trouble(present(json, "trouble")));
  }

  private Question question() {
    return new Question(
        QuestionId.of(text(json, "id")),
        task(),
        Question.Kind.valueOf(text(json, "kind")),
        text(json, "text"),
        at,
        shown(present(json, "shown")),
        json.hasNonNull("risk") ? Risk.valueOf(text(json, "risk")) : null,
        answering());
  }

  private static @Nullable Shown shown(@Nullable JsonNode node) {
    return node == null ? null : new Shown(text(node, "hash"), node.path("text").asText(""));
  }

  private Answering answering() {
    return new Answering(
        instant(json, "expiresAt"),
        json.path("quorum").asInt(Answering.DEFAULT.quorum()),
        actor("owner"),
        list(json, "delegates", name -> Actor.of(name.asText())),
        list(json, "approvedBy", name -> Actor.of(name.asText())));
  }

  private @Nullable Actor actor(String name) {
    String value = optional(json, name);
    return value == null ? null : Actor.of(value);
  }

  private static @Nullable ProcessIdentity process(@Nullable JsonNode node) {
    return node == null
        ? null
        : new ProcessIdentity(
            text(node, "boot"),
            node.path("pid").asLong(),
            node.path("ticks").asLong(),
            text(node, "marker"));
  }

  private static @Nullable Usage usage(@Nullable JsonNode node) {
    return node == null
        ? null
        : new Usage(
            node.path("input").asLong(),
            node.path("output").asLong(),
            node.path("cached").asLong(),
            Money.usd(node.path("usd").asText("0")),
            node.path("turns").asInt(),
            node.path("tools").asInt(),
            node.path("presumed").asBoolean());
  }

  private static @Nullable Trouble trouble(@Nullable JsonNode node) {
    if (node == null) {
      return null;
    }
    String errorClass = optional(node, "class");
    return new Trouble(
        Reason.of(text(node, "reason")),
        errorClass == null ? null : ErrorClass.valueOf(errorClass),
        text(node, "message"),
        node.path("excerpt").asText(""),
        instant(node, "until"));
  }

  private @Nullable ReceiptLinks links() {
    JsonNode chain = present(json, "chain");
    return chain == null
        ? null
        : new ReceiptLinks(
            chain.path("before").asLong(), text(chain, "previous"), texts(chain, "hashes"));
  }

  private List<Receipt> receipts() {
    return list(json, "receipts", EventReader::receipt);
  }

  private static Receipt receipt(JsonNode node) {
    return new Receipt(
        text(node, "gate"),
        texts(node, "command"),
        node.path("passed").asBoolean(),
        node.hasNonNull("exit") ? node.get("exit").asInt() : null,
        text(node, "tree"),
        text(node, "outputHash"),
        node.path("excerpt").asText(""),
        Instant.parse(text(node, "startedAt")),
        Duration.parse(text(node, "duration")),
        tests(present(node, "tests")),
        tests(present(node, "testsBefore")));
  }

  private static @Nullable TestCount tests(@Nullable JsonNode node) {
    return node == null
        ? null
        : new TestCount(
            node.path("total").asInt(), node.path("skipped").asInt(), text(node, "tree"));
  }

  private List<Move> moves() {
    List<Move> moves = new ArrayList<>();
    for (JsonNode node : json.path("moves")) {
      moves.add(move(node, moves.isEmpty() ? null : moves.get(moves.size() - 1)));
    }
    return moves;
  }

  /** What a move does not say, it shares with the one before, or with the event. */
  private Move move(JsonNode node, @Nullable Move before) {
    TaskId task = before == null ? null : before.task();
    if (node.hasNonNull("task")) {
      task = TaskId.of(text(node, "task"));
    }
    TaskState from = before == null ? null : before.to();
    if (node.hasNonNull("from")) {
      from = TaskState.valueOf(text(node, "from"));
    }
    return new Move(
        task == null ? task() : task,
        Objects.requireNonNull(from, "from"),
        TaskState.valueOf(text(node, "to")),
        Reason.of(text(node, "reason")),
        optional(node, "detail"),
        instant(node, "until"));
  }

  private Checkpoint requireCheckpoint(String name) {
    Checkpoint checkpoint = checkpoint(present(json, name));
    if (checkpoint == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return checkpoint;
  }

  private static @Nullable Checkpoint checkpoint(@Nullable JsonNode node) {
    return node == null ? null : new Checkpoint(text(node, "id"), text(node, "tree"));
  }

  private Map<String, Value> values(String name) {
    Map<String, Value> values = new LinkedHashMap<>();
    json.path(name).properties().forEach(e -> values.put(e.getKey(), value(e.getValue())));
    return values;
  }

  private static Value value(JsonNode node) {
    return node.has("blob")
        ? new Value.Stored(new BlobId(text(node, "blob")), node.path("bytes").asLong())
        : new Value.Inline(node.path("json"));
  }

  private RunEvent.ConversationKept conversation() {
    return new RunEvent.ConversationKept(
        at,
        task(),
        attempt(),
        SessionId.of(text(json, "session")),
        text(json, "provider"),
        optional(json, "model"),
        json.path("manual").asBoolean(),
        list(
            json,
            "parts",
            part ->
                new RunEvent.ConversationKept.Part(
                    new BlobId(text(part, "blob")), part.path("messages").asInt())));
  }

  private @Nullable SessionId session(String name) {
    String value = optional(json, name);
    return value == null ? null : SessionId.of(value);
  }

  private TaskId task() {
    return task("task");
  }

  private TaskId task(String name) {
    return TaskId.of(text(json, name));
  }

  private int attempt() {
    return json.path("attempt").asInt();
  }

  private Phase phase() {
    return Phase.valueOf(text(json, "phase"));
  }

  private static @Nullable Instant instant(JsonNode node, String name) {
    String text = optional(node, name);
    return text == null ? null : Instant.parse(text);
  }

  private static List<TaskId> ids(JsonNode node, String name) {
    return list(node, name, id -> TaskId.of(id.asText()));
  }

  private static List<String> texts(JsonNode node, String name) {
    return list(node, name, JsonNode::asText);
  }

  private static <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> read) {
    List<T> all = new ArrayList<>();
    node.path(name).forEach(element -> all.add(read.apply(element)));
    return all;
  }

  private static String text(JsonNode node, String name) {
    JsonNode field = node.get(name);
    if (field == null || !field.isTextual()) {
      throw new IllegalArgumentException("no text '" + name + "'");
    }
    return field.textValue();
  }

  private static @Nullable JsonNode present(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.get(name) : null;
  }

  private static @Nullable String optional(JsonNode node, String name) {
    return node.hasNonNull(name) ? text(node, name) : null;
  }
}
