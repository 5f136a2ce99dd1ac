package dev.maestro.workspace;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The latest manifests that were taken in a directory, so that what one phase of an attempt leaves
 * can be compared with what another had begun with.
 *
 * <p>Safe for use by any number of threads.
 */
final class Manifests {

  private static final int MOST = 8;

  // guarded by this
  private final Map<String, Manifest> latest = new LinkedHashMap<>();

  synchronized void keep(Manifest manifest) {
    latest.remove(manifest.hash());
    latest.put(manifest.hash(), manifest);
    if (latest.size() > MOST) {
      latest.remove(latest.keySet().iterator().next());
    }
  }

  synchronized Optional<Manifest> find(String hash) {
    return Optional.ofNullable(latest.get(hash));
  }
}
