package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
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
    json.writeEndObject();
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
