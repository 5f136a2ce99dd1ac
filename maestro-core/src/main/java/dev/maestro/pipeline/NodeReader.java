package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Node.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads JSON or YAML into nodes, token by token: nothing is expanded, resolved or instantiated.
 *
 * <p>YAML aliases, tags and further documents are problems, and so are fields that occur twice. The
 * factory limits the depth, so that recursion here is bounded.
 */
final class NodeReader {

  /** What the path of a problem says that concerns the document and no field. */
  static final String DOCUMENT = "document";

  private final JsonParser parser;
  private final List<Problem> problems;

  private NodeReader(JsonParser parser, List<Problem> problems) {
    this.parser = parser;
    this.problems = problems;
  }

  /** {@return the one value of a document, or nothing when it is malformed} */
  static Optional<Node> read(JsonFactory factory, String text, List<Problem> problems) {
    try (JsonParser parser = factory.createParser(text)) {
      return new NodeReader(parser, problems).document();
    } catch (JsonProcessingException e) {
      SyntaxTrouble trouble = SyntaxTrouble.of(e, text);
      problems.add(located("syntax", trouble.message(), trouble.line(), trouble.column()));
    } catch (IOException e) {
      problems.add(new Problem("syntax", DOCUMENT, "it cannot be read: " + e.getMessage()));
    }
    return Optional.empty();
  }

  private Optional<Node> document() throws IOException {
    if (parser.nextToken() == null) {
      problem("syntax", "it is empty");
      return Optional.empty();
    }
    Node node = value();
    if (parser.nextToken() != null) {
      problem("syntax", "it goes on after its end; a file holds one pipeline");
    }
    return Optional.of(node);
  }

  private Node value() throws IOException {
    refuseAliasesAndTags();
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> list();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalar(Kind.NUMBER);
      case VALUE_TRUE, VALUE_FALSE -> scalar(Kind.BOOLEAN);
      case VALUE_NULL -> scalar(Kind.NOTHING);
      default -> scalar(Kind.TEXT);
    };
  }

  private Node object() throws IOException {
    JsonLocation start = parser.currentTokenLocation();
    Map<String, Node> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (fields.containsKey(name)) {
        problem("duplicate-field", "the field '" + name + "' occurs twice");
      }
      parser.nextToken();
      fields.put(name, value());
    }
    return new Node(Kind.OBJECT, "", List.of(), fields, start.getLineNr(), start.getColumnNr());
  }

  private Node list() throws IOException {
    JsonLocation start = parser.currentTokenLocation();
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return new Node(Kind.LIST, "", items, Map.of(), start.getLineNr(), start.getColumnNr());
  }

  private Node scalar(Kind kind) throws IOException {
    JsonLocation start = parser.currentTokenLocation();
    return new Node(
        kind, parser.getText(), List.of(), Map.of(), start.getLineNr(), start.getColumnNr());
  }

  private void refuseAliasesAndTags() throws IOException {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      problem("alias", "aliases are not known; write '*" + parser.getText() + "' out");
    }
    if (parser.getTypeId() != null) {
      problem("tag", "tags such as '" + parser.getTypeId() + "' are not known");
    }
  }

  private void problem(String code, String message) {
    JsonLocation location = parser.currentTokenLocation();
    problems.add(located(code, message, location.getLineNr(), location.getColumnNr()));
  }

  private static Problem located(String code, String message, int line, int column) {
    Problem problem = new Problem(code, DOCUMENT, message);
    return line == 0
        ? problem
        : problem.with("line", String.valueOf(line)).with("column", String.valueOf(column));
  }
}
