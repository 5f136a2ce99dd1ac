package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A tool that a model of a {@link ModelServer} calls.
 *
 * <p>Each agent offers tools of its own. {@link #of} names one; {@link #writes} and {@link #runs}
 * take the one that the agent offers for it, and fill its fields in. Immutable.
 */
public final class ModelCall {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> WRITERS =
      List.of("write", "write_file", "Write", "writeFile", "create_file");
  private static final List<String> SHELLS =
      List.of(
          "bash",
          "run_shell_command",
          "Bash",
          "run_command",
          "exec_command",
          "shell_command",
          "shell");

  private final String what;
  private final Function<Map<String, JsonNode>, Optional<Made>> choice;

  private ModelCall(String what, Function<Map<String, JsonNode>, Optional<Made>> choice) {
    this.what = what;
    this.choice = choice;
  }

  /**
   * A call as it is sent.
   *
   * @param tool its name
   * @param input what is handed over
   */
  record Made(String tool, JsonNode input) {}

  /** {@return a call of the tool of exactly this name, offered or not} */
  public static ModelCall of(String tool, Map<String, ?> input) {
    Made made = new Made(Objects.requireNonNull(tool, "tool"), JSON.valueToTree(input));
    return new ModelCall(tool, offered -> Optional.of(made));
  }

  /**
   * {@return a call of the offered tool whose name ends like that: agents put the name of an MCP
   * server before those of its tools}
   */
  public static ModelCall ending(String tool, Map<String, ?> input) {
    JsonNode tree = JSON.valueToTree(input);
    return new ModelCall(
        "…" + tool,
        offered ->
            offered.keySet().stream()
                .filter(name -> name.endsWith(tool))
                .findFirst()
                .map(name -> new Made(name, tree)));
  }

  /** {@return a call of the agent's own tool for writing files} */
  public static ModelCall writes(String path, String content) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(content, "content");
    return new ModelCall("a tool that writes", offered -> writing(offered, path, content));
  }

  private static Optional<Made> writing(
      Map<String, JsonNode> offered, String path, String content) {
    return first(WRITERS, offered)
        .map(
            tool -> {
              JsonNode schema = tool.getValue();
              ObjectNode input = JSON.createObjectNode();
              input.put(field(schema, "(?i).*(path|file).*", "path"), path);
              input.put(field(schema, "(?i).*(content|text).*", "content"), content);
              return new Made(tool.getKey(), Schemas.completed(input, schema));
            });
  }

  /** {@return a call of the agent's own tool for running commands} */
  public static ModelCall runs(String command) {
    Objects.requireNonNull(command, "command");
    return new ModelCall("a tool that runs commands", offered -> running(offered, command));
  }

  private static Optional<Made> running(Map<String, JsonNode> offered, String command) {
    return first(SHELLS, offered)
        .map(
            tool -> {
              JsonNode schema = tool.getValue();
              ObjectNode input = JSON.createObjectNode();
              String field = field(schema, "(?i)(cmd|command)", "command");
              if (schema.at("/properties/" + field + "/type").asText().equals("array")) {
                ArrayNode words = input.putArray(field);
                List.of("sh", "-c", command).forEach(words::add);
              } else {
                input.put(field, command);
              }
              return new Made(tool.getKey(), Schemas.completed(input, schema));
            });
  }

  /** {@return the first of these names that is offered, with what that tool takes} */
  private static Optional<Map.Entry<String, JsonNode>> first(
      List<String> names, Map<String, JsonNode> offered) {
    for (String name : names) {
      JsonNode schema = offered.get(name);
      if (schema != null) {
        return Optional.of(Map.entry(name, schema));
      }
    }
    return Optional.empty();
  }

  private static String field(JsonNode schema, String pattern, String otherwise) {
    return schema.path("properties").properties().stream()
        .map(Map.Entry::getKey)
        .filter(name -> name.matches(pattern))
        .findFirst()
        .orElse(otherwise);
  }

  /** {@return the call that is made of these tools} */
  Optional<Made> among(Map<String, JsonNode> offered) {
    return choice.apply(offered);
  }

  static String text(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON cannot be written", e);
    }
  }

  @Override
  public String toString() {
    return what;
  }
}
