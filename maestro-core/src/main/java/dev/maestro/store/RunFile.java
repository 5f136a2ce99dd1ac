package dev.maestro.store;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.task.Priority;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file that holds one run, as JSON that people can read.
 *
 * <p>Each begins with a checksum of its rest. The first says which run, then come blobs, if they
 * lie in the file too, then the events, each as it was written byte for byte, and the last line
 * says how many there are and what the SHA-256 of all lines before it is. What is unknown in a line
 * is passed over.
 *
 * <pre>
 *  {"crc":"5d41402a","maestro":"run","format":2,"tenant":"default","run":"a", … }
 *  {"crc":"…","blob":"ab12…","base64":"…"}
 *  {"crc":"…","sequence":1,"type":"run.started","version":1,"at":"…","json":{ … }}
 *  {"crc":"…","events":1,"sha256":"…"}
 * </pre>
 */
final class RunFile {

  static final int FORMAT = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHECKSUM = "{\"crc\":\"";
  // CHECKSUM, eight digits, a quote and a comma
  private static final int CHECKED_FROM = CHECKSUM.length() + 10;
  private static final byte[] EVENT_JSON = ",\"json\":".getBytes(StandardCharsets.US_ASCII);

  private RunFile() {}

  /** One line. */
  sealed interface Line {}

  /**
   * The first line.
   *
   * @param run which
   * @param revision how often it was written
   * @param token the highest token it was written with
   * @param sequence how many events it has
   * @param index its index entry, if it has one
   */
  record Head(RunKey run, long revision, long token, long sequence, @Nullable RunIndex index)
      implements Line {}

  /** An event. */
  record Event(StoredEvent event) implements Line {}

  /** A blob that the events name. */
  @SuppressWarnings("ArrayRecordComponent")
  record Blob(BlobId id, byte[] bytes) implements Line {}

  /** The last line. */
  record End(long events, String sha256) implements Line {}

  // ------------------------------------------------------------------ writing

  static byte[] write(Head head) {
    ObjectNode line = JSON.createObjectNode().put("maestro", "run").put("format", FORMAT);
    line.put("tenant", head.run().tenant().value()).put("run", head.run().run().value());
    line.put("revision", head.revision()).put("token", head.token());
    line.put("sequence", head.sequence());
    if (head.index() != null) {
      line.set("index", write(head.index()));
    }
    return seal(line);
  }

  /** {@return an index entry as JSON} */
  static ObjectNode write(RunIndex index) {
    ObjectNode node = JSON.createObjectNode();
    node.put("pipeline", index.pipeline()).put("state", index.state()).put("open", index.open());
    node.put("startedAt", index.startedAt().toString());
    node.put("updatedAt", index.updatedAt().toString());
    ObjectNode labels = node.putObject("labels");
    new TreeMap<>(index.labels()).forEach(labels::put);
    if (!index.priority().equals(Priority.DEFAULT)) {
      node.put("priority", index.priority().value());
    }
    return node;
  }

  static byte[] write(StoredEvent event) {
    Envelope envelope = event.envelope();
    StringBuilder head = new StringBuilder(120);
    head.append("\"sequence\":").append(event.sequence()).append(",\"type\":");
    quote(envelope.type(), head).append(",\"version\":").append(envelope.version());
    head.append(",\"at\":\"").append(envelope.at()).append('"');
    if (isOneLineOfJson(envelope.json())) {
      return seal(bytes(head + ",\"json\":"), envelope.json(), bytes("}"));
    }
    String base64 = Base64.getEncoder().encodeToString(envelope.json());
    return seal(bytes(head + ",\"base64\":\"" + base64 + "\"}"));
  }

  static byte[] write(BlobId id, byte[] blob) {
    ObjectNode line = JSON.createObjectNode().put("blob", id.hex());
    return seal(line.put("base64", Base64.getEncoder().encodeToString(blob)));
  }

  static byte[] write(End end) {
    return seal(JSON.createObjectNode().put("events", end.events()).put("sha256", end.sha256()));
  }

  private static StringBuilder quote(String text, StringBuilder to) {
    to.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, to);
    return to.append('"');
  }

  private static byte[] seal(ObjectNode line) {
    return seal(bytes(line.toString().substring(1)));
  }

  private static byte[] seal(byte[]... parts) {
    CRC32C crc = new CRC32C();
    int length = CHECKED_FROM + 1;
    for (byte[] part : parts) {
      crc.update(part);
      length += part.length;
    }
    Bytes line = new Bytes(length);
    byte[] start = bytes(CHECKSUM + String.format("%08x", crc.getValue()) + "\",");
    line.raw(start, start.length);
    for (byte[] part : parts) {
      line.raw(part, part.length);
    }
    return line.u8('\n').array();
  }

  /** {@return whether these bytes can stand in a line as they are} */
  private static boolean isOneLineOfJson(byte[] json) {
    for (byte b : json) {
      if (b == '\n' || b == '\r') {
        return false;
      }
    }
    try (JsonParser parser = JSON.createParser(json)) {
      int depth = 0;
      int values = 0;
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        values += depth == 0 ? 1 : 0;
      }
      return values == 1;
    } catch (IOException e) {
      // no JSON, or not in UTF-8: kept in another way
      return false;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------ reading

  /**
   * Read a line without its end.
   *
   * @return null when it is not as it was written
   * @throws StoreException when it was written by a later version that this one cannot read
   */
  static @Nullable Line read(byte[] line) {
    if (!isIntact(line)) {
      return null;
    }
    try {
      return parse(line);
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      return null;
    }
  }

  /** {@return the checksum that a line begins with} */
  static int checksum(byte[] line) {
    int from = CHECKSUM.length();
    String digits = new String(line, from, 8, StandardCharsets.US_ASCII);
    return Integer.parseUnsignedInt(digits, 16);
  }

  private static boolean isIntact(byte[] line) {
    if (line.length < CHECKED_FROM) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(line, CHECKED_FROM, line.length - CHECKED_FROM);
    String start = CHECKSUM + String.format("%08x", crc.getValue()) + "\",";
    return Arrays.equals(line, 0, CHECKED_FROM, bytes(start), 0, CHECKED_FROM);
  }

  private static @Nullable Line parse(byte[] line) throws IOException {
    int json = indexOf(line, EVENT_JSON);
    if (json >= 0) {
      byte[] head = Arrays.copyOf(line, json + 1);
      head[json] = '}';
      int from = json + EVENT_JSON.length;
      return event(JSON.readTree(head), Arrays.copyOfRange(line, from, line.length - 1));
    }
    JsonNode node = JSON.readTree(line);
    if (node.has("maestro")) {
      return head(node);
    } else if (node.has("blob")) {
      return new Blob(new BlobId(node.path("blob").asText()), decoded(node));
    } else if (node.has("sequence")) {
      return event(node, decoded(node));
    }
    return node.has("events")
        ? new End(node.path("events").asLong(), node.path("sha256").asText())
        : null;
  }

  private static byte[] decoded(JsonNode node) {
    return Base64.getDecoder().decode(node.path("base64").asText());
  }

  private static Head head(JsonNode node) {
    int format = node.path("format").asInt();
    if (format > FORMAT) {
      throw new StoreException(
          "the file of run "
              + node.path("run").asText()
              + " has format "
              + format
              + ", which only a newer version of Maestro can read; this one reads format "
              + FORMAT);
    }
    RunKey run =
        new RunKey(Tenant.of(node.path("tenant").asText()), RunId.of(node.path("run").asText()));
    return new Head(
        run,
        node.path("revision").asLong(),
        node.path("token").asLong(),
        node.path("sequence").asLong(),
        node.has("index") ? index(run, node.path("index")) : null);
  }

  private static RunIndex index(RunKey run, JsonNode node) {
    Map<String, String> labels = new HashMap<>();
    node.path("labels").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    return new RunIndex(
        run,
        node.path("pipeline").asText(),
        node.path("state").asText(),
        node.path("open").asBoolean(),
        Instant.parse(node.path("startedAt").asText()),
        Instant.parse(node.path("updatedAt").asText()),
        labels,
        Priority.of(node.path("priority").asInt(Priority.DEFAULT.value())));
  }

  private static Event event(JsonNode node, byte[] json) {
    return new Event(
        new StoredEvent(
            node.path("sequence").asLong(),
            new Envelope(
                node.path("type").asText(),
                node.path("version").asInt(),
                Instant.parse(node.path("at").asText()),
                json)));
  }

  private static int indexOf(byte[] line, byte[] what) {
    for (int at = 0; at + what.length <= line.length; at++) {
      if (Arrays.equals(line, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    return -1;
  }
}
