package dev.maestro.run;

import dev.maestro.store.BlobId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a run is made from.
 *
 * @param pipeline the blob that holds the pipeline's JSON
 * @param inputHash what tells one set of inputs from another
 * @param inputs by name
 */
public record Definition(BlobId pipeline, String inputHash, Map<String, Value> inputs) {

  /** Copy the map, keeping its order. */
  public Definition {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(inputHash, "inputHash");
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }
}
