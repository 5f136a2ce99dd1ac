package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.json.Json;
import dev.maestro.store.BlobId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** An input or an output: in the journal itself while it is small, otherwise a blob. */
public sealed interface Value {

  /** What stands for the output of a task that returned none: the empty text. */
  Value EMPTY = new Inline(TextNode.valueOf(""));

  /** What stands for the output of a task that did not succeed, in a list of several. */
  Value NULL = new Inline(NullNode.getInstance());

  /** The largest value that is kept in the journal, in bytes of JSON. */
  int MAX_INLINE_BYTES = 8 * 1024;

  /**
   * A small value.
   *
   * @param json as a journal gives it back: every number as the plainest node that holds it, no
   *     objects of Java; not to be changed
   */
  record Inline(JsonNode json) implements Value {

    /** Bring the value into the form in which a journal gives it back. */
    public Inline {
      json = PlainJson.of(Objects.requireNonNull(json, "json"));
    }
  }

  /**
   * A value kept as a blob of its JSON.
   *
   * @param blob where
   * @param bytes how long it is
   */
  record Stored(BlobId blob, long bytes) implements Value {

    /** Check that nothing is missing. */
    public Stored {
      Objects.requireNonNull(blob, "blob");
    }
  }

  /** {@return whether JSON of this text is small enough for the journal} */
  static boolean fitsInline(String json) {
    return json.length() <= MAX_INLINE_BYTES
        && json.getBytes(StandardCharsets.UTF_8).length <= MAX_INLINE_BYTES;
  }

  /**
   * {@return the text a template or a condition sees: a string as itself, anything else as JSON}
   */
  static String textOf(JsonNode json) {
    return json.isTextual() ? json.textValue() : Json.write(json);
  }
}
