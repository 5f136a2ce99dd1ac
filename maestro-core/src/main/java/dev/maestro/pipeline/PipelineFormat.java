package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Node.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text forms of a pipeline; they mean the same, and say what the builder says.
 *
 * <p>Fields have the names of the builder's methods, lists are always written as lists, and what is
 * left out has the builder's default:
 *
 * <pre>{@code
 * name: tdd
 * timeLimit: 8h                            # of a whole run
 * steps:
 *   - id: red
 *     agent: tester
 *     prompt: "Write failing tests for: {{ task }}"
 *     output: tests                          # or {json: report}
 *   - id: green
 *     agent: engineer                        # or plan + template, command, code, approval, pipeline
 *     prompt: "Make them pass: {{ tests }}"
 *     after: [red]                           # or depends_on
 *     delay: 10m                             # alone: a step that only waits
 *     when: "{{ tests }} not_contains 'none'"
 *     gates:
 *       - command: [mvn, -q, test]
 *         protects: [src/test/**]
 *         timeout: 5m
 *     attempts: 3
 *     backoff: {initial: 1s, factor: 2, longest: 1m, jitter: 0.2}
 *     mergeInto: main
 *     priority: 1
 *     limits: {total: 1h, inactivity: 10m}
 *     secrets: [TOKEN]
 *     guard: [{rule: terms}]                 # of a step, or of the pipeline for all of them
 * }</pre>
 *
 * <p>Whatever the application registers is named by an object: {@code code: {name: deploy, version:
 * "2"}} in a step or a gate, and {@code when: {name: isBig, version: "1"}}. A pipeline inside a
 * step is an object with {@code steps}; beside it stand {@code inputs: {task: "{{ story }}"}} and
 * {@code outputs: [code]}. Unknown fields, wrong types, fields that occur twice, YAML aliases, tags
 * and further documents are problems.
 */
public enum PipelineFormat {
  /** JSON. */
  JSON,
  /** YAML 1.1, without aliases, tags and further documents. */
  YAML;

  /** The most bytes that a text to read may have. */
  public static final int LARGEST = 1024 * 1024;

  private static final int DEEPEST = 20;
  private static final Pattern UNUSUAL = Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029\\uFEFF]");

  /**
   * {@return the JSON Schema (2020-12) of files in this form, for editors} That of YAML has numbers
   * and truth values too where a text may stand, as the reader has. What depends on more than one
   * place of a file, such as a cycle, it leaves to the checks.
   */
  public String schema() {
    try (InputStream in = PipelineFormat.class.getResourceAsStream("pipeline.schema.json")) {
      byte[] schema = Objects.requireNonNull(in).readAllBytes();
      return this == YAML ? YamlSchema.of(schema) : new String(schema, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("reading a resource of this jar", e);
    }
  }

  /**
   * Read a pipeline and check it.
   *
   * @throws InvalidDefinitionException with every problem and, where it is known, its line
   */
  public Pipeline read(String text) {
    requireSize(text);
    List<Problem> problems = new ArrayList<>();
    Node document = document(text, problems);
    PipelineBuilder builder = new PipelineReader(this == YAML).read(document);
    problems.forEach(builder::problem);
    Pipeline pipeline = builder.assemble();
    List<Problem> all = builder.validate(pipeline).problems();
    new Validation(new Places(document).locate(all), List.of()).orThrow(what());
    return pipeline;
  }

  /**
   * Read what {@link Pipeline#canonicalJson()} wrote, without the checks that were passed then.
   *
   * @throws InvalidDefinitionException when it cannot be understood, such as that of a later
   *     release
   */
  static Pipeline restore(byte[] canonicalJson) {
    List<Problem> problems = new ArrayList<>();
    String text = new String(canonicalJson, StandardCharsets.UTF_8);
    PipelineBuilder builder = new PipelineReader(false).read(JSON.document(text, problems));
    problems.addAll(builder.found().all());
    new Validation(problems, List.of()).orThrow("the stored pipeline");
    return builder.assemble();
  }

  /** {@return the pipeline in this form, readable and without defaults} */
  public String write(Pipeline pipeline) {
    ObjectNode tree = PipelineWriter.tree(pipeline);
    return this == JSON ? ForPeople.json(tree) : ForPeople.yaml(tree);
  }

  private Node document(String text, List<Problem> problems) {
    Optional<Node> document = NodeReader.read(factory(), text, problems);
    if (document.isPresent() && !document.get().is(Kind.OBJECT)) {
      problems.add(
          new Problem("syntax", NodeReader.DOCUMENT, "must be an object with a name and steps"));
    }
    return document
        .filter(node -> node.is(Kind.OBJECT))
        .orElseThrow(() -> new InvalidDefinitionException(what(), problems));
  }

  private String what() {
    return "the " + name() + " of the pipeline";
  }

  private void requireSize(String text) {
    if (text.length() > LARGEST || text.getBytes(StandardCharsets.UTF_8).length > LARGEST) {
      Problem problem =
          new Problem("too-large", NodeReader.DOCUMENT, "is larger than " + LARGEST + " bytes");
      throw new InvalidDefinitionException(what(), List.of(problem));
    }
  }

  private JsonFactory factory() {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build();
    return this == YAML
        ? ForPeople.parsers(constraints)
        : JsonFactory.builder().streamReadConstraints(constraints).build();
  }

  /** What is written and read by people; apart, because a run that goes on needs none of it. */
  private static final class ForPeople {

    static JsonFactory parsers(StreamReadConstraints constraints) {
      return YAMLFactory.builder()
          .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
          .streamReadConstraints(constraints)
          .build();
    }

    static String json(ObjectNode tree) {
      return written(new JsonMapper(), tree);
    }

    static String yaml(ObjectNode tree) {
      ObjectMapper mapper =
          YAMLMapper.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .configure(YAMLGenerator.Feature.MINIMIZE_QUOTES, isPlain(tree))
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build();
      return written(mapper, tree);
    }

    private static String written(ObjectMapper mapper, ObjectNode tree) {
      try {
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a tree of texts can always be written", e);
      }
    }

    /**
     * The YAML emitter writes some characters unquoted that the parser takes for line breaks; a
     * pipeline that holds such is written with every text in quotes.
     */
    private static boolean isPlain(ObjectNode tree) {
      return !UNUSUAL.matcher(new String(Json.bytes(tree), StandardCharsets.UTF_8)).find();
    }
  }
}
