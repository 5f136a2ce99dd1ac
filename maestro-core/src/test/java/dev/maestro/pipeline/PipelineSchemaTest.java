package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * The schema accepts and refuses the same JSON as the reader.
 *
 * <p>What a schema cannot say, or what depends on more than one place of a file, it leaves to the
 * static checks: it accepts such a file, and the reader refuses it with one of {@link #LEFT}.
 */
class PipelineSchemaTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(PipelineFormat.schema());

  /** Codes of problems that are about the graph, about names, or about fields that must agree. */
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
          "after",
          "missing-input",
          "superfluous-input",
          // what fits which kind of step, and what is needed together
          "outputs",
          "output",
          "gates",
          "secrets",
          "interceptors",
          "guard",
          "budget",
          "mergeInto",
          "allowNoOp",
          "attempts",
          "backoff",
          "limits",
          // durations that are negative, zero or too long; words that are blank or not one line
          "timeout",
          "when",
          "command",
          "code",
          "agent",
          "plan",
          "model",
          "title",
          "version",
          "inputs",
          "pipeline");

  @Property(tries = 300)
  void acceptsWhatTheReaderWrites(@ForAll("pipelines") Pipeline pipeline) throws Exception {
    assertThat(faults(JSON.readTree(PipelineFormat.JSON.write(pipeline)))).isEmpty();
  }

  @Property(tries = 1_000)
  void agreesWithTheReaderAboutFilesThatWereSpoilt(
      @ForAll("pipelines") Pipeline pipeline, @ForAll Random random)
      throws JsonProcessingException {
    JsonNode file = JSON.readTree(PipelineFormat.JSON.write(pipeline));
    for (int i = 0; i <= random.nextInt(3); i++) {
      spoil(file, random);
    }

    List<Problem> problems = problems(file.toString());

    if (problems.isEmpty()) {
      assertThat(faults(file)).as("the reader accepts %s", file).isEmpty();
    } else if (problems.stream().anyMatch(PipelineSchemaTest::isStructural)) {
      assertThat(faults(file)).as("the reader refuses %s: %s", file, problems).isNotEmpty();
    }
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
    assertRefusedByBoth(
        guarded("{'rule': 'commands', 'rules': [{'program': 'x', 'answer': 'y'}]}"));
    assertRefusedByBoth(guarded("{'rule': 'writes'}"));
    assertRefusedByBoth(guarded("{'rule': 'writes', 'files': -1}"));
    assertRefusedByBoth(guarded("{'rule': 'secrets', 'answer': 'shrug'}"));
    assertRefusedByBoth(guarded("{'rule': 'hosts', 'allow': ['a b']}"));
    assertRefusedByBoth(guarded("{'rule': 'tools'}"));
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
    return "{'name': 'p', 'guard': [" + rule + "], 'steps': [{'id': 'a', 'command': ['x']}]}";
  }

  private static void assertRefusedByBoth(String json) throws JsonProcessingException {
    JsonNode file = tree(json);
    assertThat(problems(file.toString())).as("the reader on %s", file).isNotEmpty();
    assertThat(faults(file)).as("the schema on %s", file).isNotEmpty();
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return JSON.readTree(json.replace('\'', '"'));
  }

  private static Set<ValidationMessage> faults(JsonNode file) {
    return SCHEMA.validate(file);
  }

  private static List<Problem> problems(String json) {
    try {
      PipelineFormat.JSON.read(json);
      return List.of();
    } catch (InvalidDefinitionException e) {
      return e.problems();
    }
  }

  private static boolean isStructural(Problem problem) {
    boolean wrongType =
        problem.message().startsWith("must be ") && problem.message().contains(", not ");
    return wrongType && !problem.message().contains("must be 1 to ")
        || !LEFT.contains(problem.code());
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

  private static JsonNode oddValue(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> NullNode.instance;
      case 1 -> IntNode.valueOf(random.nextInt(200) - 50);
      case 2 -> BooleanNode.TRUE;
      case 3 -> TextNode.valueOf("");
      case 4 -> TextNode.valueOf("plain words");
      case 5 -> TextNode.valueOf("s0");
      case 6 -> JsonNodeFactory.instance.arrayNode();
      default -> JsonNodeFactory.instance.objectNode();
    };
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return PipelineArbitraries.valid();
  }
}
