package dev.maestro.providers.acp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Reach;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A use of a tool, put together from all that was told of it.
 *
 * <p>Its tool is called by the kind that the protocol gives it ({@code read}, {@code edit}, {@code
 * execute} …), since titles are sentences that change. Its input is what the agent hands to the
 * tool, with the files that it names elsewhere; a command whose words are only in the title has
 * them for a {@code command}, so that rules see it.
 */
final class ToolCall {

  private static final String OTHER = "other";

  private final String id;
  private final ObjectNode raw = JsonNodeFactory.instance.objectNode();
  private final Set<String> paths = new LinkedHashSet<>();
  private String kind = "";
  private String title = "";
  private String status = "";
  private String output = "";
  private @Nullable ObjectNode told;
  private boolean answered;

  ToolCall(String id) {
    this.id = id;
  }

  /** Take what an update or a question tells of it. */
  void learn(JsonNode update) {
    kind = update.path("kind").asText(kind);
    title = update.path("title").asText(title);
    status = update.path("status").asText(status);
    JsonNode input = update.path("rawInput");
    if (input instanceof ObjectNode fields) {
      raw.setAll(fields);
    } else if (!input.isMissingNode() && !input.isNull()) {
      raw.set("input", input);
    }
    update.path("locations").forEach(location -> path(location.path("path")));
    content(update);
  }

  private void content(JsonNode update) {
    StringBuilder texts = new StringBuilder();
    for (JsonNode part : update.path("content")) {
      path(part.path("path"));
      texts.append(part.path("content").path("text").asText(""));
    }
    if (texts.length() > 0) {
      output = texts.toString();
    } else if (!update.path("rawOutput").isMissingNode() && output.isEmpty()) {
      JsonNode value = update.path("rawOutput");
      output = value.isTextual() ? value.textValue() : value.toString();
    }
  }

  private void path(JsonNode path) {
    if (path.isTextual() && !path.textValue().isBlank()) {
      paths.add(path.textValue());
    }
  }

  String id() {
    return id;
  }

  /** {@return what the protocol calls such tools; the title where it has no name for them} */
  String tool() {
    if (!kind.isBlank() && !kind.equals(OTHER)) {
      return kind;
    }
    return title.isBlank() ? OTHER : title;
  }

  String kind() {
    return kind;
  }

  /** {@return the files that it says it is about} */
  Set<String> paths() {
    return paths;
  }

  /** {@return the files that it says it is about, and those that it hands to the tool} */
  Set<String> named() {
    Set<String> all = new LinkedHashSet<>(paths);
    // asked for as if it wrote them: of files that are only read, no names are told
    Reach.ofTool("edit", raw, given -> new Reach.Target(given, List.of()))
        .writes()
        .forEach(file -> all.add(file.given()));
    return all;
  }

  /** {@return what it hands to the tool, as JSON text} */
  String input() {
    ObjectNode all = raw.deepCopy();
    if (!paths.isEmpty()) {
      ArrayNode files = all.putArray(all.has("locations") ? "paths" : "locations");
      paths.forEach(files::add);
    }
    if (kind.equals("execute") && !all.has("command") && !title.isBlank()) {
      all.put("command", title);
    }
    return all.toString();
  }

  /** {@return what it brought back} */
  String output() {
    return output;
  }

  boolean isAtWork() {
    return status.equals("in_progress");
  }

  boolean isOver() {
    return status.equals("completed") || status.equals("failed");
  }

  boolean wentWell() {
    return status.equals("completed");
  }

  /**
   * {@return whether it is told now, and was not before, or not with all that it hands to the tool}
   */
  boolean tell() {
    boolean news = !raw.equals(told);
    told = raw.deepCopy();
    return news;
  }

  /** {@return whether its answer is told now, and was not before} */
  boolean tellAnswer() {
    boolean first = !answered;
    answered = true;
    return first;
  }
}
