package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import dev.maestro.policy.EvalGate;
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
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Events of every type with random contents, and one fixed one of each. */
final class Events {

  private static final int TYPES = 23;
  private static final String[] TEXTS = {
    "",
    "plain",
    "line\nbreak\ttab",
    "\"quoted\" \\",
    "\u0000\u001f\u007f",
    "\u00fc\u4e2d\ud83d\ude00",
    "half \ud83d",
    "\ude00 half",
    "\u2028\u2029"
  };

  private final Random random;

  private Events(Random random) {
    this.random = random;
  }

  static Arbitrary<RunEvent> any() {
    return Arbitraries.randoms().map(random -> new Events(random).event(random.nextInt(TYPES)));
  }

  private RunEvent event(int type) {
    return switch (type) {
      case 0 -> started();
      case 1 -> pick(tasksAdded(), forked(), redefined());
      case 2 -> new RunEvent.Dispatched(at(), task(), number(), pick(Phase.values()), moves());
      case 3 ->
          new RunEvent.Intent(
              at(),
              task(),
              number(),
              text(),
              maybe(this::text),
              text(),
              text(),
              maybe(this::session),
              random.nextBoolean(),
              maybe(this::reserved));
      case 4 ->
          new RunEvent.Launched(at(), task(), number(), maybe(this::process), random.nextBoolean());
      case 5 ->
          pick(
              new RunEvent.SessionStarted(at(), task(), number(), session()),
              scored(),
              conversationKept(),
              new RunEvent.HandedOff(
                  at(), task(), number(), session(), number(), 1 + number(), text()),
              new RunEvent.Transcribed(at(), task(), number(), blob(), number()));
      case 6 ->
          new RunEvent.Acted(
              at(),
              task(),
              number(),
              maybe(this::value),
              maybe(this::usage),
              maybe(this::session),
              maybe(this::trouble),
              moves(),
              random.nextBoolean());
      case 7 ->
          new RunEvent.Verified(
              at(),
              task(),
              number(),
              maybe(this::checkpoint),
              number(),
              list(this::text),
              list(this::receipt),
              maybe(this::trouble),
              moves(),
              maybe(this::links));
      case 8 ->
          random.nextBoolean()
              ? new RunEvent.Checkpointed(
                  at(), task(), number(), checkpoint(), checkpoint(), number(), list(this::text))
              : new RunEvent.Merging(
                  at(),
                  task(),
                  text(),
                  checkpoint(),
                  checkpoint(),
                  list(this::receipt),
                  maybe(this::links));
      case 9 ->
          new RunEvent.Integrated(
              at(),
              task(),
              maybe(this::checkpoint),
              list(this::receipt),
              maybe(this::trouble),
              moves(),
              maybe(this::links));
      case 10 -> new RunEvent.Asked(question(), pick(Phase.values()), moves());
      case 11 ->
          new RunEvent.Answered(
              at(),
              questionId(),
              new Answer(pick(Answer.Decision.values()), "because " + text(), maybe(this::text)),
              actor(),
              moves());
      case 12 -> new RunEvent.Released(at(), list(this::task), random.nextBoolean());
      case 13 -> new RunEvent.Moved(at(), moves());
      case 14 -> new RunEvent.Reworked(at(), task(), text(), actor(), list(this::task), moves());
      case 15 -> opened();
      case 17 -> new RunEvent.HandedOn(at(), questionId(), actor(), actor());
      case 18 ->
          new RunEvent.RolledBack(at(), task(), checkpoint(), checkpoint(), number(), actor());
      case 19 -> claims();
      case 16 ->
          pick(
              new RunEvent.Reopened(at(), list(this::task)),
              new RunEvent.Began(at(), checkpoint()));
      case 20 ->
          new RunEvent.Judged(at(), task(), number(), pick(Phase.values()), list(this::judgment));
      case 21 ->
          new RunEvent.Granted(at(), maybe(this::task), random.nextBoolean(), cap(), actor());
      default ->
          new RunEvent.RunMoved(
              at(),
              pick(RunStatus.values()),
              reason(),
              maybe(this::text),
              actor(),
              maybe(this::links));
    };
  }

  private ReceiptLinks links() {
    return new ReceiptLinks(number(), text(), list(this::text));
  }

  private RunEvent.Scored scored() {
    boolean compared = random.nextBoolean();
    EvalDecision decision =
        new EvalDecision(
            pick(EvalDecision.Outcome.values()),
            number(),
            number(),
            number(),
            compared ? OptionalDouble.of(random.nextDouble()) : OptionalDouble.empty(),
            compared ? OptionalDouble.of(random.nextDouble() - 0.5) : OptionalDouble.empty(),
            list(this::reason),
            text());
    return new RunEvent.Scored(
        at(), task(), number(), text(), text(), random.nextDouble(), decision);
  }

  private RunEvent claims() {
    return switch (random.nextInt(3)) {
      case 0 -> new RunEvent.TaskClaimed(at(), task(), new Claimed(number(), actor(), at()));
      case 1 -> new RunEvent.ClaimReleased(at(), task(), number(), actor());
      default ->
          new RunEvent.Delivered(
              at(), task(), number(), maybe(this::value), usage(), maybe(this::trouble));
    };
  }

  private RunEvent.RunStarted started() {
    Map<String, Value> inputs = new LinkedHashMap<>();
    Map<String, String> labels = new LinkedHashMap<>();
    list(this::name).forEach(name -> inputs.put(name, value()));
    list(this::name).forEach(name -> labels.put(name, text()));
    return new RunEvent.RunStarted(
        at(), Scenario.KEY, actor(), text(), blob(), text(), inputs, labels, 1, terms());
  }

  private RunEvent.Intent.Reserved reserved() {
    return new RunEvent.Intent.Reserved(cap(), list(this::text), random.nextBoolean());
  }

  private Cap cap() {
    return new Cap(
        maybe(() -> (long) number()),
        maybe(() -> Money.usd("0." + number())),
        maybe(() -> Duration.ofMillis(number())),
        maybe(() -> (long) number()),
        maybe(() -> (long) number()),
        maybe(() -> (long) number()));
  }

  private Judgment judgment() {
    Numbers numbers = Numbers.NONE;
    for (String name : list(this::name)) {
      numbers = numbers.with(name, new BigDecimal(number() - 500).movePointLeft(random.nextInt(9)));
    }
    return new Judgment(
        text(),
        pick(Place.values()),
        pick(Judgment.Answer.values()),
        maybe(this::reason),
        text(),
        numbers);
  }

  private Terms terms() {
    return new Terms(
        Priority.of(random.nextInt(5) - 1),
        maybe(() -> Duration.ofSeconds(1 + random.nextInt(99_999), random.nextInt(1_000_000_000))),
        maybe(this::actor),
        random.nextBoolean());
  }

  private RunEvent.Opened opened() {
    Map<String, Value> inputs = new LinkedHashMap<>();
    list(this::name).forEach(name -> inputs.put(name, value()));
    return new RunEvent.Opened(
        at(), task(), number(), inputs, list(() -> (Value.Inline) Scenario.text(text())));
  }

  private RunEvent.TasksAdded tasksAdded() {
    List<TaskId> common = list(this::task);
    return new RunEvent.TasksAdded(
        at(), task(), text(), list(() -> added(random.nextBoolean() ? common : list(this::task))));
  }

  private RunEvent.TasksAdded.Added added(List<TaskId> after) {
    Item item = new Item(text(), text(), maybe(this::text), maybe(this::text), number(), number());
    return new RunEvent.TasksAdded.Added(task(), item, after);
  }

  private RunEvent.Redefined redefined() {
    Map<String, Value> inputs = new LinkedHashMap<>();
    list(this::name).forEach(name -> inputs.put(name, value()));
    return new RunEvent.Redefined(
        at(),
        actor(),
        new Definition(blob(), text(), inputs),
        list(this::task),
        list(this::task),
        list(this::task),
        moves());
  }

  private RunEvent.Forked forked() {
    return new RunEvent.Forked(
        at(),
        Scenario.KEY,
        number(),
        maybe(this::checkpoint),
        list(this::kept),
        maybe(this::links),
        list(() -> new RunEvent.Forked.Wanted(task(), text(), actor())));
  }

  private RunEvent.Forked.Kept kept() {
    Checkpoint own = maybe(this::checkpoint);
    return new RunEvent.Forked.Kept(
        task(),
        pick(TaskState.values()),
        reason(),
        maybe(this::value),
        usage(),
        own,
        own != null && random.nextBoolean() ? List.of(own) : list(this::checkpoint),
        list(this::receipt),
        number(),
        pick(Evidence.values()),
        maybe(this::at),
        maybe(this::at),
        maybe(this::text),
        actors());
  }

  private Question question() {
    return new Question(
        questionId(),
        task(),
        pick(Question.Kind.values()),
        text(),
        at(),
        maybe(() -> Shown.of(text())),
        maybe(() -> pick(Risk.values())),
        new Answering(
            maybe(this::at), 1 + random.nextInt(3), maybe(this::actor), actors(), actors()));
  }

  private List<Actor> actors() {
    return list(this::actor);
  }

  private Move move() {
    return new Move(
        task(),
        pick(TaskState.values()),
        pick(TaskState.values()),
        reason(),
        maybe(this::text),
        maybe(this::at));
  }

  private List<Move> moves() {
    return list(this::move);
  }

  private Trouble trouble() {
    ErrorClass errorClass = maybe(() -> pick(ErrorClass.values()));
    return new Trouble(reason(), errorClass, text(), text(), maybe(this::at));
  }

  private Receipt receipt() {
    return new Receipt(
        text(),
        list(this::text),
        random.nextBoolean(),
        maybe(() -> random.nextInt(512) - 256),
        text(),
        text(),
        text(),
        at(),
        Duration.ofSeconds(random.nextInt(9_999), random.nextInt(1_000_000_000)),
        maybe(this::tests),
        maybe(this::tests));
  }

  private TestCount tests() {
    return new TestCount(number() + 3, random.nextInt(3), text());
  }

  private Usage usage() {
    return new Usage(
        number(),
        Long.MAX_VALUE,
        number(),
        Money.usd(number() + "." + number()),
        number(),
        number(),
        random.nextBoolean());
  }

  private Value value() {
    return random.nextInt(3) == 0
        ? new Value.Stored(blob(), random.nextInt(Integer.MAX_VALUE))
        : new Value.Inline(json(3));
  }

  private JsonNode json(int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth == 0 ? 6 : 8)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.booleanNode(random.nextBoolean());
      case 2 -> nodes.numberNode(random.nextInt());
      case 3 -> nodes.numberNode(random.nextDouble());
      case 4 -> nodes.numberNode(Long.MIN_VALUE + random.nextInt(9));
      case 5 -> nodes.textNode(text());
      case 6 -> {
        var array = nodes.arrayNode();
        list(() -> json(depth - 1)).forEach(array::add);
        yield array;
      }
      default -> {
        var object = nodes.objectNode();
        list(this::name).forEach(name -> object.set(name, json(depth - 1)));
        yield object;
      }
    };
  }

  private Checkpoint checkpoint() {
    return new Checkpoint(text(), text());
  }

  private ProcessIdentity process() {
    return new ProcessIdentity(text(), random.nextLong(), random.nextLong(), text());
  }

  private SessionId session() {
    return SessionId.of("s" + text());
  }

  private QuestionId questionId() {
    return QuestionId.of("q" + text());
  }

  private TaskId task() {
    return TaskId.of(random.nextBoolean() ? "a" + number() : "plan/T" + number());
  }

  private Actor actor() {
    return Actor.of("a" + text());
  }

  private Reason reason() {
    return pick(Reason.ERROR, Reason.MERGE_CONFLICT, Reason.of("my-own-" + number()));
  }

  private RunEvent conversationKept() {
    return new RunEvent.ConversationKept(
        at(),
        task(),
        number(),
        session(),
        "any",
        maybe(this::text),
        random.nextBoolean(),
        list(() -> new RunEvent.ConversationKept.Part(blob(), number())));
  }

  private BlobId blob() {
    return BlobId.of(new byte[] {(byte) random.nextInt()});
  }

  private Instant at() {
    return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
  }

  private int number() {
    return random.nextInt(1_000);
  }

  private String text() {
    return pick(TEXTS);
  }

  /** No parser reads a field's name with half of a surrogate pair in it, so no output has one. */
  private String name() {
    return pick("", "plain", "line\nbreak", "\"quoted\"", "\u00fc\u4e2d\ud83d\ude00");
  }

  @SafeVarargs
  private <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private <T> T maybe(Supplier<T> some) {
    return random.nextBoolean() ? some.get() : null;
  }

  private <T> List<T> list(Supplier<T> some) {
    List<T> all = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      all.add(some.get());
    }
    return all;
  }

  /** What {@code events-v1.json} holds. */
  static List<RunEvent> oneOfEach() {
    Instant at = Instant.parse("2026-11-20T10:00:00.123456789Z");
    TaskId task = TaskId.of("plan/T001");
    List<Move> moves =
        List.of(
            new Move(
                task,
                TaskState.RUNNING,
                TaskState.FAILED,
                Reason.RATE_LIMITED,
                "too many",
                at.plusSeconds(60)));
    Trouble trouble =
        new Trouble(
            Reason.QUOTA_EXHAUSTED,
            ErrorClass.QUOTA_EXHAUSTED,
            "used up",
            "the log",
            at.plusSeconds(9));
    Receipt receipt =
        new Receipt(
            "tests",
            List.of("mvn", "test"),
            false,
            1,
            "t1",
            "h1",
            "red",
            at,
            Duration.ofMillis(1500));
    Checkpoint one = new Checkpoint("c1", "t1");
    Checkpoint two = new Checkpoint("c2", "t2");
    Map<String, Value> inputs = new LinkedHashMap<>();
    inputs.put("task", Scenario.text("Add rate limiting"));
    inputs.put("spec", new Value.Stored(BlobId.of(new byte[] {1}), 9_000));
    return List.of(
        new RunEvent.RunStarted(
            at,
            Scenario.KEY,
            Scenario.ANN,
            "tdd",
            BlobId.of(new byte[0]),
            "i1",
            inputs,
            Map.of("team", "blue"),
            1,
            Terms.DEFAULT),
        new RunEvent.TasksAdded(
            at,
            TaskId.of("plan"),
            "line",
            List.of(
                new RunEvent.TasksAdded.Added(
                    task,
                    new Item("T001", "do it", "src/A.java", "Phase 1", 1, 2),
                    List.of(TaskId.of("plan"))))),
        new RunEvent.Dispatched(at, task, 2, Phase.ACT, moves),
        new RunEvent.Intent(at, task, 2, "claude", "opus", "c1", "p1", SessionId.of("talk"), true),
        new RunEvent.Launched(at, task, 2, new ProcessIdentity("boot", 7, 8, "marker"), true),
        new RunEvent.SessionStarted(at, task, 2, SessionId.of("talk")),
        new RunEvent.Acted(
            at,
            task,
            2,
            Scenario.text("done"),
            new Usage(1, 2, 3, Money.usd("0.25"), 4, 5, true),
            SessionId.of("talk"),
            trouble,
            moves),
        new RunEvent.Verified(
            at, task, 2, one, 3, List.of("pom.xml"), List.of(receipt), trouble, moves),
        new RunEvent.Checkpointed(at, task, 2, one, two, 3, List.of("pom.xml")),
        new RunEvent.Merging(at, task, "main", one, two, List.of(receipt)),
        new RunEvent.Integrated(at, task, two, List.of(receipt), trouble, moves),
        new RunEvent.Asked(
            new Question(QuestionId.of("q.1"), task, Question.Kind.POLICY, "sure?", at),
            Phase.VERIFY,
            moves),
        new RunEvent.Answered(at, QuestionId.of("q.1"), Answer.reject("no"), Scenario.ANN, moves),
        new RunEvent.Released(at, List.of(task), true),
        new RunEvent.Moved(at, moves),
        new RunEvent.RunMoved(at, RunStatus.PAUSED, Reason.PAUSED, "lunch", Scenario.ANN),
        new RunEvent.Forked(
            at,
            Scenario.KEY,
            7,
            one,
            List.of(
                new RunEvent.Forked.Kept(
                    task,
                    TaskState.COMPLETED,
                    Reason.SUCCEEDED,
                    Scenario.text("done"),
                    new Usage(1, 2, 3, Money.usd("0.25"), 4, 5, true),
                    two,
                    List.of(two),
                    List.of(receipt),
                    3,
                    Evidence.GATES,
                    at,
                    at.plusSeconds(60),
                    null,
                    List.of()))),
        new RunEvent.Reworked(at, task, "make it faster", Scenario.ANN, List.of(task), moves),
        new RunEvent.RunStarted(
            at,
            Scenario.KEY,
            Scenario.ANN,
            "tdd",
            BlobId.of(new byte[0]),
            "i1",
            Map.of(),
            Map.of(),
            1,
            new Terms(Priority.of(1), Duration.ofHours(8))),
        new RunEvent.Redefined(
            at,
            Scenario.ANN,
            new Definition(BlobId.of(new byte[0]), "i2", inputs),
            List.of(task),
            List.of(TaskId.of("gone")),
            List.of(TaskId.of("new")),
            moves),
        new RunEvent.Opened(at, task, 2, Map.of("topic", Scenario.text("yes")), List.of()),
        new RunEvent.Opened(at, task, 2, Map.of(), Elements.of("a")),
        new RunEvent.Reopened(at, List.of(task, TaskId.of("each/2"))),
        new RunEvent.Asked(
            new Question(
                QuestionId.of("q.2"),
                task,
                Question.Kind.REVIEW,
                "is it good?",
                at,
                new Shown("ab".repeat(32), "one file"),
                Risk.HIGH,
                new Answering(
                    at.plusSeconds(60),
                    2,
                    Actor.of("desk"),
                    List.of(Scenario.ANN),
                    List.of(Actor.of("desk/ben")))),
            Phase.INTEGRATE,
            moves),
        new RunEvent.Answered(
            at,
            QuestionId.of("q.2"),
            new Answer(Answer.Decision.CHANGES, "smaller", "ab".repeat(32)),
            Scenario.ANN,
            List.of()),
        new RunEvent.HandedOn(at, QuestionId.of("q.2"), Actor.of("ben"), Scenario.ANN),
        new RunEvent.Began(at, one),
        new RunEvent.RolledBack(at, task, one, two, 3, Scenario.ANN),
        new RunEvent.TaskClaimed(at, task, new Claimed(2, Scenario.ANN, at.plusSeconds(60))),
        new RunEvent.ClaimReleased(at, task, 2, Actor.MAESTRO),
        new RunEvent.Delivered(at, task, 2, Scenario.text("done"), Usage.NONE, trouble),
        new RunEvent.Judged(
            at,
            task,
            2,
            Phase.ACT,
            List.of(
                new Judgment(
                    "terms", Place.GUARDRAILS, Judgment.Answer.PROCEED, null, "", Numbers.NONE),
                new Judgment(
                    "budget",
                    Place.BUDGET,
                    Judgment.Answer.ASK,
                    Reason.BUDGET_EXCEEDED,
                    "more money?",
                    Numbers.of("asked", 30_000).with("limit", new BigDecimal("2.50"))))),
        new RunEvent.Intent(at, task, 2, "claude", "opus", "c1", "p1", null, true)
            .reserving(
                new RunEvent.Intent.Reserved(
                    Cap.ofTokens(50_000).usd("0.50").time(Duration.ofMinutes(5)).launches(1),
                    List.of("day-2026-11-20", "application"),
                    true)),
        new RunEvent.Acted(
            at, task, 2, Scenario.text("don\n[degraded]"), null, null, null, moves, true),
        new RunEvent.Granted(at, task, false, Cap.ofUsd("1").turns(3).toolCalls(4), Scenario.ANN),
        new RunEvent.Granted(at, null, false, Cap.ofTokens(1_000), Scenario.ANN),
        new RunEvent.Scored(
            at,
            task,
            2,
            "build/test",
            "coverage",
            0.75,
            EvalGate.scoredBy("coverage").judge(List.of(1.0, 1.0, 1.0, 1.0, 1.0), 0.75)),
        new RunEvent.ConversationKept(
            at,
            task,
            2,
            SessionId.of("talk"),
            "chat",
            "opus",
            true,
            List.of(new RunEvent.ConversationKept.Part(BlobId.of(new byte[] {2}), 3))),
        new RunEvent.HandedOff(at, task, 2, SessionId.of("talk"), 91, 100, "half of it"),
        new RunEvent.Transcribed(at, task, 2, BlobId.of(new byte[] {3}), 7),
        new RunEvent.Asked(
            new Question(QuestionId.of("q.1"), task, Question.Kind.APPROVAL, "sure?", at),
            Phase.INTEGRATE,
            moves,
            "ab".repeat(32),
            "cd".repeat(32)),
        new RunEvent.Granted(at, task, true, Cap.ofUsd("1"), Scenario.ANN));
  }
}
