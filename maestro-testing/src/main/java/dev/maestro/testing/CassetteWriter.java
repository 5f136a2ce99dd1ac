package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.maestro.agent.Capability;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes cassettes. */
final class CassetteWriter {

  private CassetteWriter() {}

  static void write(Cassette cassette, Writer writer) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeNumberField("format", Cassette.FORMAT);
      json.writeStringField("agent", cassette.agent());
      if (!cassette.capabilities().equals(Cassette.USUAL)) {
        json.writeArrayFieldStart("can");
        for (Capability ability : Capability.values()) {
          if (cassette.capabilities().has(ability)) {
            json.writeString(ability.name().toLowerCase(Locale.ROOT).replace('_', '-'));
          }
        }
        json.writeEndArray();
      }
      json.writeArrayFieldStart("turns");
      for (Recording turn : cassette.turns()) {
        turn(json, turn);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void turn(JsonGenerator json, Recording turn) throws IOException {
    json.writeStartObject();
    match(json, turn.when());
    json.writeArrayFieldStart("does");
    for (Deed deed : turn.does()) {
      deed(json, deed);
    }
    json.writeEndArray();
    json.writeStringField("says", turn.says());
    text(json, "session", turn.session());
    if (turn.usage() != null) {
      json.writeFieldName("usage");
      UsageJson.write(json, turn.usage());
    }
    json.writeNumberField("exit", turn.exit());
    if (turn.failure() != null) {
      json.writeFieldName("failure");
      FailureJson.write(json, turn.failure());
    }
    if (turn.scene() != null) {
      scene(json, turn.scene());
    }
    json.writeEndObject();
  }

  private static void scene(JsonGenerator json, Scene scene) throws IOException {
    json.writeObjectFieldStart("scene");
    texts(json, "prompt", List.of(scene.prompt().split("\n", -1)));
    json.writeArrayFieldStart("files");
    for (Map.Entry<String, String> file : scene.files().entrySet()) {
      json.writeStartObject();
      json.writeStringField("path", file.getKey());
      json.writeStringField("is", file.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!scene.ignored().isEmpty()) {
      texts(json, "ignored", scene.ignored().patterns());
    }
    json.writeEndObject();
  }

  private static void texts(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private static void match(JsonGenerator json, Recording.Match when) throws IOException {
    json.writeObjectFieldStart("when");
    text(json, "task", when.task());
    text(json, "role", when.role());
    if (when.attempt() != null) {
      json.writeNumberField("attempt", when.attempt());
    }
    text(json, "prompt", when.prompt());
    json.writeEndObject();
  }

  private static void text(JsonGenerator json, String name, @Nullable Object value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value.toString());
    }
  }

  private static void deed(JsonGenerator json, Deed deed) throws IOException {
    json.writeStartObject();
    if (deed instanceof Deed.Writes file) {
      json.writeStringField("write", file.path());
      content(json, file.content());
    } else if (deed instanceof Deed.WritesBinary file) {
      json.writeStringField("write", file.path());
      json.writeStringField("base64", file.base64());
    } else if (deed instanceof Deed.Patches patch) {
      json.writeStringField("patch", patch.path());
      json.writeNumberField("line", patch.line());
      texts(json, "removed", patch.removed());
      texts(json, "added", patch.added());
    } else if (deed instanceof Deed.Asks question) {
      json.writeStringField("asks", question.request().tool());
      json.writeStringField("input", question.request().input());
      if (question.request().granted()) {
        json.writeBooleanField("granted", true);
      }
      json.writeBooleanField("allowed", question.allowed());
    } else if (deed instanceof Deed.Deletes file) {
      json.writeStringField("delete", file.path());
    } else if (deed instanceof Deed.Pauses pause) {
      json.writeNumberField("pause", pause.length().toMillis());
    } else if (deed instanceof Deed.Tells told) {
      EventJson.write(json, told.event());
    }
    json.writeEndObject();
  }

  /** Write text that ends with a line feed as a list of lines, which people can read. */
  private static void content(JsonGenerator json, String content) throws IOException {
    if (!content.endsWith("\n")) {
      json.writeStringField("content", content);
      return;
    }
    json.writeArrayFieldStart("content");
    for (String line : content.substring(0, content.length() - 1).split("\n", -1)) {
      json.writeString(line);
    }
    json.writeEndArray();
  }
}
