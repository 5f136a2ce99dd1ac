package dev.maestro.pipeline;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The schemas accept and refuse the same JSON and the same YAML as the reader.
 *
 * <p>What a schema cannot say, or what depends on more than one place of a file, it leaves to the
 * static checks: it accepts such a file, and the reader refuses it with one of {@link #LEFT} or of
 * {@link #LEFT_MESSAGES}.
 */
class PipelineSchemaTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final JsonSchema OF_JSON = schema(PipelineFormat.JSON);
  private static final JsonSchema OF_YAML = schema(PipelineFormat.YAML);

  /** Codes of problems that are about the graph, or about names that another place defines. */
  private static final Set<String> LEFT =
      Set.of(
          "cycle",
          "duplicate",
          "unknown-input",
          "variable",
          "template-syntax",
          "text",
          "continues",
          "template",
          "missing-input",
          "superfluous-input",
          // policies whose parts have to agree
          "confidence",
          "evalGate",
          "ladder");

  private static final int KINDS_OF_ODD_VALUES = 16;

  /** Of all other codes, what these messages say and nothing else. */
  private static final List<String> LEFT_MESSAGES =
      List.of(
          // what fits which kind of step, and fields that must agree
          "a person is asked once",
          "a person may take any time",
          "a step of kind '",
          "a step that only waits ",
          "the steps inside have this",
          "tasks of a template run when the plan says so",
          "the output of an approval step is the answer",
          "an answer that is JSON has no block of lines",
          "no step inside outputs '",
          "what is taken from inside needs a name",
          "says nothing, and so the output",
          "the limit for silence",
          "a back-off needs 0 <= initial",
          "a budget limits something",
          "one launch may use up",
          "a failure window needs at least",
          "must be the name of a time zone",
          // what no pattern says
          "must be longer than nothing",
          "time limits must be positive",
          "the time limit of gate",
          "the path pattern '",
          "the name of an input must be",
          "is reserved; choose another name",
          "is no name of a branch");

  @Property(tries = 200)
  void acceptsWhatTheReaderWrites(
      @ForAll PipelineFormat format, @ForAll("pipelines") Pipeline pipeline) throws Exception {
    assertThat(faults(format, json(pipeline))).isEmpty();
  }

  @Property(tries = 1_000)
  void agreesWithTheReaderAboutFilesThatWereSpoilt(
      @ForAll PipelineFormat format, @ForAll("pipelines") Pipeline pipeline, @ForAll Random random)
      throws JsonProcessingException {
    JsonNode file = json(pipeline);
    for (int i = 0; i <= random.nextInt(3); i++) {
      spoil(file, random);
    }
    assertThat(disagreement(format, file))
        .as("%s", mapper(format).writeValueAsString(file))
        .isEmpty();
  }

  @Property(tries = 1, generation = GenerationMode.RANDOMIZED)
  void agreesWithTheReaderAboutEachPlaceThatMayBeSpoilt(@ForAll("samples") List<Pipeline> pipelines)
      throws JsonProcessingException {
    Set<String> tried = new HashSet<>();
    Map<String, String> disagreements = new TreeMap<>();
    List<JsonNode> shortFirst =
        pipelines.stream()
            .map(PipelineSchemaTest::json)
            .sorted(comparing(file -> file.toString().length()))
            .toList();
    for (JsonNode file : shortFirst) {
      for (Place place : places(file)) {
        if (tried.add(place.name())) {
          for (int kind = 0; kind < KINDS_OF_ODD_VALUES; kind++) {
            JsonNode odd = oddValue(kind, 20);
            place.put(odd);
            disagreement(PipelineFormat.JSON, file)
                .ifPresent(what -> disagreements.put(place.name() + " = " + odd, what));
          }
          place.put(place.value());
        }
      }
    }
    assertThat(tried).hasSizeGreaterThan(200);
    assertThat(disagreements).isEmpty();
  }

  private static JsonNode json(Pipeline pipeline) {
    try {
      return JSON.readTree(PipelineFormat.JSON.write(pipeline));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** What the reader and the schema do not see alike about a file. */
  private static Optional<String> disagreement(PipelineFormat format, JsonNode file)
      throws JsonProcessingException {
    String text = mapper(format).writeValueAsString(file);
    List<Problem> problems = problems(format, text);
    Set<ValidationMessage> faults = faults(format, file);
    if (problems.isEmpty() && !faults.isEmpty()) {
      return Optional.of("the reader accepts, the schema says " + faults);
    }
    if (faults.isEmpty() && !problems.stream().allMatch(PipelineSchemaTest::isLeftToTheChecks)) {
      return Optional.of("the schema accepts, the reader says " + problems);
    }
    return Optional.empty();
  }

  @Test
  void seesWhatTheReaderSees() throws Exception {
    assertRefusedByBoth("{'name': 'p'}");
    assertRefusedByBoth("{'name': 'p', 'steps': []}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a'}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a/b', 'command': ['x']}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': 'x'}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'promt': 'y'}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'prompt': 'y'}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'approval': 'y'}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'agent': 'x'}]}");
    assertRefusedByBoth(guarded("{}"));
    assertRefusedByBoth(guarded("{'rule': 'luck'}"));
    assertRefusedByBoth(guarded("{'rule': 'terms', 'terms': []}"));
    assertRefusedByBoth(guarded("{'rule': 'terms', 'terms': [' ']}"));
    assertRefusedByBoth(guarded("{'rule': 'terms', 'words': ['x']}"));
    assertRefusedByBoth(guarded("{'rule': 'paths'}"));
    assertRefusedByBoth(guarded("{'rule': 'paths', 'paths': []}"));
    assertRefusedByBoth(guarded("{'rule': 'commands', 'rules': [{}]}"));
    assertRefusedByBoth(guarded("{'rule': 'commands', 'rules': []}"));
    assertRefusedByBoth(
        guarded("{'rule': 'commands', 'rules': [{'program': 'x', 'answer': 'y'}]}"));
    assertRefusedByBoth(guarded("{'rule': 'writes'}"));
    assertRefusedByBoth(guarded("{'rule': 'writes', 'files': -1}"));
    assertRefusedByBoth(guarded("{'rule': 'secrets', 'answer': 'shrug'}"));
    assertRefusedByBoth(guarded("{'rule': 'hosts', 'allow': ['a b']}"));
    assertRefusedByBoth(guarded("{'rule': 'tools'}"));
    assertRefusedByBoth(with("'confidence': {'atLeast': 2}"));
    assertRefusedByBoth(with("'ladder': {}"));
    assertRefusedByBoth(with("'ladder': {'models': ['a', 'b'], 'each': 0}"));
    assertRefusedByBoth(with("'breaker': {'iterations': 51}"));
    assertRefusedByBoth(with("'evalGate': {}"));
    assertRefusedByBoth(with("'evalGate': {'scoredBy': ' '}"));
    assertRefusedByBoth(with("'evalGate': {'scoredBy': 'x', 'minBaselineRuns': 0}"));
    assertRefusedByBoth(with("'evalGate': {'scoredBy': 'x', 'baselineWindow': 1001}"));
    assertRefusedByBoth(with("'evalGate': {'scoredBy': 'x', 'warnThreshold': 0}"));
    assertRefusedByBoth(with("'retries': {'errors': -1}"));
    assertRefusedByBoth(with("'failureWindow': {'failures': 0}"));
    assertRefusedByBoth(with("'failureWindow': {'within': 'soon'}"));
    assertRefusedByBoth(with("'resume': {'from': '22:00'}"));
    assertRefusedByBoth(with("'resume': {'from': '25:00', 'to': '06:00'}"));
    assertRefusedByBoth(with("'resume': {'zone': 'Europe/Berlin'}"));
    assertRefusedByBoth(with("'resume': {'asks': true, 'zone': 'Europe/Berlin'}"));
    assertRefusedByBoth(with("'until': {'says': 'so'}"));
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'attempts': 0}]}");
    assertRefusedByBoth(
        "{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'when': 'mode is full'}]}");
    assertRefusedByBoth(
        "{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'limits': {'total': 'long'}}]}");
    assertRefusedByBoth(
        "{'name': 'p', 'steps': [{'id': 'a', 'pipeline': {'steps': [{'id': 'b'}]}}]}");
    assertRefusedByBoth(
        "{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'inputs': {'x': 'y'}}]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{name: p, version: 2, steps: [{id: a, command: [sleep, 5, true]}]}",
        "{name: 1, steps: [{id: 1, agent: 2, prompt: 3, model: 4, after: []}]}",
        "{name: p, steps: [{id: a, code: {name: deploy, version: 2}, attempts: 3.0}]}",
        "{name: p, budget: {usd: 2.50, tokens: 500.0}, steps: [{id: a, agent: x, prompt: y}]}",
        "{name: p, steps: [{id: a, agent: x, prompt: y, output: true}]}"
      })
  void takeNumbersInYamlWhereATextMayStand(String yaml) throws Exception {
    assertThat(problems(PipelineFormat.YAML, yaml)).isEmpty();
    assertThat(faults(PipelineFormat.YAML, YAML.readTree(yaml))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{name: p, steps: [{id: -1, command: [x]}]}",
        "{name: p, steps: [{id: a, command: [x], output: 5}]}",
        "{name: p, steps: [{id: a, command: [x], secrets: [5]}]}",
        "{name: p, steps: [{id: a, delay: 5}]}",
        "{name: p, steps: [{id: a, command: [x], attempts: 1.5}]}",
        "{name: p, steps: [{id: a, command: [x], attempts: '3'}]}",
        "{name: p, budget: {usd: -2}, steps: [{id: a, agent: x, prompt: y}]}"
      })
  void takeNoNumberInYamlWhereItsTextMayNotStand(String yaml) throws Exception {
    assertThat(problems(PipelineFormat.YAML, yaml)).isNotEmpty();
    assertThat(faults(PipelineFormat.YAML, YAML.readTree(yaml))).isNotEmpty();
  }

  @Test
  void takeNoNumberInJsonForAText() throws Exception {
    assertRefusedByBoth("{'name': 'p', 'version': 2, 'steps': [{'id': 'a', 'command': ['x']}]}");
    assertRefusedByBoth("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x', 5]}]}");
    JsonNode three =
        tree("{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'attempts': 3.0}]}");
    assertThat(faults(three)).isEmpty();
    assertThat(problems(three.toString())).isEmpty();
  }

  @Test
  void leavesTheGraphToTheChecks() throws Exception {
    JsonNode ring =
        tree(
            "{'name': 'p', 'steps': [{'id': 'a', 'command': ['x'], 'after': ['b']},"
                + " {'id': 'b', 'command': ['x'], 'after': ['a']}]}");

    assertThat(faults(ring)).isEmpty();
    assertThat(problems(ring.toString())).extracting(Problem::code).containsExactly("cycle");
  }

  private static String guarded(String rule) {
    return with("'guard': [" + rule + "]");
  }

  private static String with(String policy) {
    return "{'name': 'p', " + policy + ", 'steps': [{'id': 'a', 'command': ['x']}]}";
  }

  private static void assertRefusedByBoth(String json) throws JsonProcessingException {
    JsonNode file = tree(json);
    assertThat(problems(file.toString())).as("the reader on %s", file).isNotEmpty();
    assertThat(faults(file)).as("the schema on %s", file).isNotEmpty();
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json.replace('\'', '"'));
  }

  private static ObjectMapper mapper(PipelineFormat format) {
    return format == PipelineFormat.JSON ? JSON : YAML;
  }

  private static Set<ValidationMessage> faults(JsonNode file) {
    return faults(PipelineFormat.JSON, file);
  }

  private static Set<ValidationMessage> faults(PipelineFormat format, JsonNode file) {
    return (format == PipelineFormat.JSON ? OF_JSON : OF_YAML).validate(file);
  }

  private static JsonSchema schema(PipelineFormat format) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(format.schema());
  }

  private static List<Problem> problems(String json) {
    return problems(PipelineFormat.JSON, json);
  }

  private static List<Problem> problems(PipelineFormat format, String text) {
    try {
      format.read(text);
      return List.of();
    } catch (InvalidDefinitionException e) {
      return e.problems();
    }
  }

  private static boolean isLeftToTheChecks(Problem problem) {
    boolean wrongType =
        problem.message().startsWith("must be ") && problem.message().contains(", not ");
    return !wrongType && LEFT.contains(problem.code())
        || LEFT_MESSAGES.stream().anyMatch(problem.message()::contains);
  }

  // ------------------------------------------------------------------ spoiling

  private static void spoil(JsonNode file, Random random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(file, containers);
    JsonNode pick = containers.get(random.nextInt(containers.size()));
    if (pick instanceof ObjectNode object) {
      spoil(object, random);
    } else if (pick.isEmpty()) {
      ((ArrayNode) pick).add(oddValue(random));
    } else {
      ((ArrayNode) pick).set(random.nextInt(pick.size()), oddValue(random));
    }
  }

  private static void spoil(ObjectNode object, Random random) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty() || random.nextInt(5) == 0) {
      object.set("extra", oddValue(random));
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(3) == 0) {
      object.remove(name);
    } else {
      object.set(name, oddValue(random));
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  /** One value in a file: where it stands, and how another is put there. */
  private record Place(String name, JsonNode value, Consumer<JsonNode> to) {
    void put(JsonNode other) {
      to.accept(other);
    }
  }

  /** All values of a file; those at like places have one name. */
  private static List<Place> places(JsonNode file) {
    List<Place> places = new ArrayList<>();
    collect("", file, places);
    return places;
  }

  private static void collect(String at, JsonNode node, List<Place> places) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String name = at + "." + field.getKey();
        places.add(new Place(name, field.getValue(), other -> object.set(field.getKey(), other)));
        collect(name.endsWith(".pipeline") ? ".." : name, field.getValue(), places);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        places.add(new Place(at + "[]", array.get(i), other -> array.set(index, other)));
        collect(at + "[]", array.get(i), places);
      }
    }
  }

  private static JsonNode oddValue(Random random) {
    return oddValue(random.nextInt(KINDS_OF_ODD_VALUES), random.nextInt(200) - 50);
  }

  private static JsonNode oddValue(int kind, int number) {
    return switch (kind) {
      case 0 -> NullNode.instance;
      case 1 -> IntNode.valueOf(number);
      case 2 -> BooleanNode.TRUE;
      case 3 -> TextNode.valueOf("");
      case 4 -> TextNode.valueOf("plain words");
      case 5 -> TextNode.valueOf("s0");
      case 6 -> JsonNodeFactory.instance.arrayNode();
      case 7 -> DecimalNode.valueOf(new BigDecimal("3.0"));
      case 8 -> DecimalNode.valueOf(new BigDecimal("1.5"));
      case 9 -> TextNode.valueOf("3661d");
      case 10 -> TextNode.valueOf(" ");
      case 11 -> TextNode.valueOf("a\nb");
      case 12 -> TextNode.valueOf("x".repeat(201));
      case 13 -> IntNode.valueOf(0);
      case 14 -> IntNode.valueOf(-1);
      default -> JsonNodeFactory.instance.objectNode();
    };
  }

  @Provide
  Arbitrary<List<Pipeline>> samples() {
    return pipelines().list().ofSize(300);
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return PipelineArbitraries.valid();
  }
}
