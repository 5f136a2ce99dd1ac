package dev.maestro.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Finds the blobs that events and records name and that are not there.
 *
 * <p>Much that is no blob looks like the name of one, such as the hash of a question. So only
 * certain fields count here; {@link BlobRefs}, which decides what is kept, takes whatever looks
 * like a name. What a run was given or has put out itself is passed over, whatever its fields are
 * called.
 */
final class MissingBlobs {

  /** What holds a blob's name: a value that is stored, a pipeline, a prompt, what a gate wrote. */
  private static final List<String> FIELDS =
      List.of("blob", "definition", "promptHash", "outputHash");

  // a value in the journal itself is an object with this field and no other
  private static final String INLINE = "json";
  private static final String LABELS = "labels";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Blobs blobs;
  private final Set<BlobId> there = new HashSet<>();
  // and who named them first
  private final Map<BlobId, String> missing = new LinkedHashMap<>();

  MissingBlobs(Blobs blobs) {
    this.blobs = blobs;
  }

  /** Note what these bytes name and is not there; {@code by} is whose bytes they are. */
  void scan(byte[] json, String by) {
    Set<BlobId> absent = new HashSet<>();
    BlobRefs.scan(
        json,
        id -> {
          if (!isThere(id)) {
            absent.add(id);
          }
        });
    if (!absent.isEmpty()) {
      note(json, absent, by);
    }
  }

  private boolean isThere(BlobId id) {
    if (!there.contains(id) && blobs.has(id)) {
      there.add(id);
    }
    return there.contains(id);
  }

  private void note(byte[] json, Set<BlobId> absent, String by) {
    Set<BlobId> named = new HashSet<>();
    try {
      names(JSON.readTree(json), named);
    } catch (IOException e) {
      // What is no JSON has no fields.
      return;
    }
    named.stream().filter(absent::contains).forEach(id -> missing.putIfAbsent(id, by));
  }

  private static void names(JsonNode node, Set<BlobId> named) {
    if (node.isObject() && !(node.size() == 1 && node.has(INLINE))) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        field(field.getKey(), field.getValue(), named);
      }
    } else if (node.isArray()) {
      node.forEach(element -> names(element, named));
    }
  }

  private static void field(String name, JsonNode value, Set<BlobId> named) {
    if (FIELDS.contains(name) && value.isTextual() && BlobId.isOne(value.textValue())) {
      named.add(new BlobId(value.textValue()));
    } else if (!name.equals(LABELS)) {
      names(value, named);
    }
  }

  /** Tell of each that is missing, and who names it. */
  void forEach(BiConsumer<BlobId, String> to) {
    missing.forEach(to);
  }
}
