package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.Envelope;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RunEventCodecTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunEventCodec codec = new RunEventCodec();

  @Property(tries = 3000)
  void everyEventIsReadAsItWasWritten(@ForAll("events") RunEvent event) {
    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @Property(tries = 1000)
  void fieldsThatAreNotKnownArePassedOver(@ForAll("events") RunEvent event) throws IOException {
    Envelope written = codec.encode(event);
    ObjectNode json = (ObjectNode) JSON.readTree(written.json());
    addUnknown(json);

    assertThat(codec.decode(withJson(written, json))).isEqualTo(event);
  }

  @Property(tries = 500)
  void fieldsThatAreNullCountAsAbsent(@ForAll("events") RunEvent event) throws IOException {
    Envelope written = codec.encode(event);
    ObjectNode json = (ObjectNode) JSON.readTree(written.json());
    for (String name :
        List.of(
            "model",
            "resumes",
            "process",
            "output",
            "usage",
            "session",
            "trouble",
            "detail",
            "timeLimit",
            "owner",
            "shown",
            "risk",
            "expiresAt",
            "hash")) {
      if (!json.has(name)) {
        json.putNull(name);
      }
    }

    assertThat(codec.decode(withJson(written, json))).isEqualTo(event);
  }

  @Provide
  Arbitrary<RunEvent> events() {
    return Events.any();
  }

  @Example
  void everyTypeOfEventHasANameAndIsGenerated() {
    Set<Class<?>> all = Set.of(RunEvent.class.getPermittedSubclasses());

    assertThat(RunEventCodec.TYPES.keySet())
        .containsExactlyInAnyOrderElementsOf(all.stream().map(Class::getSimpleName).toList());
    assertThat(RunEventCodec.TYPES.values()).doesNotHaveDuplicates();
    Set<Class<?>> generated = new HashSet<>();
    Events.any().sampleStream().limit(1000).forEach(event -> generated.add(event.getClass()));
    assertThat(generated).isEqualTo(all);
  }

  @Example
  void fieldsThatMayBeMissingReadAsAbsent() {
    assertThat(read("acted", "{'task':'a','attempt':1}"))
        .isEqualTo(
            new RunEvent.Acted(
                Scenario.EPOCH, TaskId.of("a"), 1, null, null, null, null, List.of()));
    assertThat(read("verified", "{'task':'a','attempt':1}"))
        .isEqualTo(
            new RunEvent.Verified(
                Scenario.EPOCH, TaskId.of("a"), 1, null, 0, List.of(), List.of(), null, List.of()));
    assertThat(read("moved", "{}")).isEqualTo(new RunEvent.Moved(Scenario.EPOCH, List.of()));
    assertThat(read("launched", "{'task':'a','attempt':1}"))
        .isEqualTo(new RunEvent.Launched(Scenario.EPOCH, TaskId.of("a"), 1, null, false));
  }

  @Example
  void movesSayWhatTheEventAndTheMoveBeforeDoNot() {
    TaskId a = TaskId.of("a");
    TaskId b = TaskId.of("b");
    RunEvent event =
        new RunEvent.Dispatched(
            Scenario.EPOCH,
            a,
            1,
            Phase.ACT,
            List.of(
                new Move(a, TaskState.RUNNING, TaskState.TESTING, Reason.SUCCEEDED, null, null),
                new Move(a, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null),
                new Move(b, TaskState.VERIFIED, TaskState.COMPLETED, Reason.MERGED, null, null)));

    String json = new String(codec.encode(event).json(), StandardCharsets.UTF_8);

    assertThat(json)
        .isEqualTo(
            "{\"task\":\"a\",\"attempt\":1,\"phase\":\"ACT\",\"moves\":["
                + "{\"from\":\"RUNNING\",\"to\":\"TESTING\",\"reason\":\"succeeded\"},"
                + "{\"to\":\"VERIFIED\",\"reason\":\"no-gates\"},"
                + "{\"task\":\"b\",\"from\":\"VERIFIED\",\"to\":\"COMPLETED\",\"reason\":\"merged\"}]}");
    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @Property
  void anyTextIsReadAsItWasWritten(@ForAll String text) {
    RunEvent event =
        new RunEvent.RunMoved(
            Scenario.EPOCH, RunStatus.PAUSED, Reason.PAUSED, text + "\uD800\"\\\n", Actor.MAESTRO);

    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @Example
  void anUnknownTypeIsRefusedAndSaysWhatWouldHelp() {
    assertThatThrownBy(() -> codec.decode(envelope("teleported", 1, "{}")))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the journal holds an event 'teleported' of version 1, which this version of Maestro"
                + " does not know; open it with a newer one");
  }

  @Example
  void aNewerVersionIsRefusedAndSaysWhatWouldHelp() {
    assertThatThrownBy(() -> codec.decode(envelope("moved", 2, "{}")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("'moved' of version 2")
        .hasMessageContaining("open it with a newer one");
  }

  @Example
  void aRunThatKeepsNewerRulesIsRefused() {
    RunEvent.RunStarted one = (RunEvent.RunStarted) Events.oneOfEach().get(0);
    RunEvent newer =
        new RunEvent.RunStarted(
            one.at(),
            one.key(),
            one.actor(),
            one.pipeline(),
            one.definition(),
            one.inputHash(),
            one.inputs(),
            one.labels(),
            RunRules.VERSION + 1,
            Terms.DEFAULT);

    assertThatThrownBy(() -> codec.decode(codec.encode(newer)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("a run that keeps version 2 of the rules")
        .hasMessageContaining("open it with a newer one");
  }

  @Example
  void aValueIsTheSameBeforeAndAfterItWasWritten() {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    ObjectNode odd = nodes.objectNode();
    odd.set("price", DecimalNode.valueOf(new BigDecimal("1.10")));
    odd.set("share", nodes.numberNode(0.1f));
    odd.set("small", nodes.numberNode(7L));
    odd.set("list", nodes.arrayNode().add((short) 3).add(new byte[] {1}).addPOJO(List.of(1)));

    RunEvent event = acted(new Value.Inline(odd));
    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @Example
  void whatCannotBeReadIsAStoreExceptionAndNothingElse() {
    for (String json :
        List.of(
            "",
            "{",
            "[]",
            "7",
            "{}",
            "{'task':7}",
            "{'task':'a','attempt':1,'phase':'SLEEP'}",
            "{'task':'..','attempt':1,'phase':'ACT'}",
            "{'task':'a','phase':'ACT','moves':[{'task':'a','from':'PENDING','to':'PAUSED',"
                + "'reason':'paused','until':'tomorrow'}]}")) {
      assertThatThrownBy(() -> codec.decode(envelope("dispatched", 1, json)))
          .as(json)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("'dispatched'");
    }
  }

  @Example
  void whateverAnotherParserReadWithItsDefaultsIsReadAgain() throws IOException {
    int depth = 1000;
    JsonNode deep = JSON.readTree("[".repeat(depth) + "]".repeat(depth));
    JsonNode number = JSON.readTree("9".repeat(1000));
    String halfOfPair = "cut here \ud83d";

    for (JsonNode json : List.of(deep, number, JsonNodeFactory.instance.textNode(halfOfPair))) {
      RunEvent event = acted(new Value.Inline(json));
      assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
    }
  }

  /** The file was written by version 1 and must never be written again. */
  @Example
  void journalsOfVersionOneAreReadForEver() throws IOException {
    List<RunEvent> read = new ArrayList<>();
    Set<String> types = new HashSet<>();
    for (JsonNode sample : samples()) {
      types.add(sample.get("type").asText());
      Envelope envelope =
          new Envelope(
              sample.get("type").asText(),
              sample.get("version").asInt(),
              Instant.parse(sample.get("at").asText()),
              JSON.writeValueAsBytes(sample.get("json")));
      read.add(codec.decode(envelope));
    }

    assertThat(types).isEqualTo(Set.copyOf(RunEventCodec.TYPES.values()));
    assertThat(read).isEqualTo(Events.oneOfEach());
  }

  private static JsonNode samples() throws IOException {
    try (InputStream in = RunEventCodecTest.class.getResourceAsStream("events-v1.json")) {
      return JSON.readTree(in);
    }
  }

  @Example
  void aCodeStepCostsLessThanSixHundredBytes() {
    Pipeline pipeline = Steps.pipeline(Steps.code("s"), Steps.code("t"));
    Scenario run = Scenario.started(pipeline);
    int before = run.run.journal().size();
    run.dispatch("s").acted("s", "");

    int bytes =
        run.run.journal().stream().skip(before).mapToInt(e -> codec.encode(e).json().length).sum();
    assertThat(bytes).isLessThan(600);
  }

  @Example
  void anAgentStepWithoutGatesCostsLessThanTwelveHundredBytes() {
    Scenario run = Scenario.started(Steps.agent("s"), Steps.code("t"));
    int before = run.run.journal().size();
    run.completes("s");

    int bytes =
        run.run.journal().stream().skip(before).mapToInt(e -> codec.encode(e).json().length).sum();
    assertThat(bytes).isLessThan(1_200);
  }

  @Example
  void aPlansPhasesCostBytesInProportionToTheirTasks() {
    int each = 300;
    RunEvent.TasksAdded event = phases(3, each);

    Envelope written = codec.encode(event);
    assertThat(written.json().length).isLessThan(3 * each * 150);
    RunEvent.TasksAdded read = (RunEvent.TasksAdded) codec.decode(written);
    assertThat(read).isEqualTo(event);
    assertThat(read.tasks().get(each + 1).after()).isSameAs(read.tasks().get(each).after());
  }

  private static RunEvent.TasksAdded phases(int phases, int each) {
    TaskId plan = TaskId.of("plan");
    List<RunEvent.TasksAdded.Added> added = new ArrayList<>();
    List<TaskId> before = List.of(plan);
    for (int phase = 1; phase <= phases; phase++) {
      List<TaskId> ids = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        TaskId id = plan.child("P" + phase + "T" + i);
        Item item = new Item("T" + i, "do it", null, null, added.size() + 1, phases * each);
        added.add(new RunEvent.TasksAdded.Added(id, item, before));
        ids.add(id);
      }
      before = ids;
    }
    return new RunEvent.TasksAdded(Scenario.EPOCH, plan, "line", added);
  }

  @Example
  void tasksThatWaitForTheSameAsTheOneBeforeThemAreReadSo() {
    String lines =
        "{'id':'p/a','item':'a','text':'','after':['p']},"
            + "{'id':'p/b','item':'b','text':'','sameAfter':true},"
            + "{'id':'p/c','item':'c','text':''},"
            + "{'id':'p/d','item':'d','text':'','after':['p/a','p/b']},"
            + "{'id':'p/e','item':'e','text':'','sameAfter':true}";
    RunEvent event = read("tasks-added", "{'by':'p','template':'line','tasks':[" + lines + "]}");

    List<TaskId> first = List.of(TaskId.of("p"));
    List<TaskId> second = List.of(TaskId.of("p/a"), TaskId.of("p/b"));
    assertThat(((RunEvent.TasksAdded) event).tasks())
        .extracting(RunEvent.TasksAdded.Added::after)
        .containsExactly(first, first, List.of(), second, second);
    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  private static RunEvent acted(Value output) {
    return new RunEvent.Acted(
        Scenario.EPOCH,
        TaskId.of("a"),
        1,
        output,
        null,
        null,
        Trouble.of(Reason.ERROR, "it broke"),
        List.of());
  }

  private RunEvent read(String type, String json) {
    return codec.decode(envelope(type, 1, json));
  }

  private static Envelope envelope(String type, int version, String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return new Envelope(type, version, Scenario.EPOCH, bytes);
  }

  private static Envelope withJson(Envelope envelope, JsonNode json) throws IOException {
    return new Envelope(
        envelope.type(), envelope.version(), envelope.at(), JSON.writeValueAsBytes(json));
  }

  /** Add a field to every object, but not inside values and labels, which are the user's own. */
  private static void addUnknown(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              field -> {
                if (!Set.of("inputs", "labels", "output").contains(field.getKey())) {
                  addUnknown(field.getValue());
                }
              });
      object.putObject("somethingNew").put("why", "not");
    } else {
      node.forEach(RunEventCodecTest::addUnknown);
    }
  }
}
