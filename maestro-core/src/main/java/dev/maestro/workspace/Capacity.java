package dev.maestro.workspace;

import java.util.Objects;

/**
 * How many tasks may work in one place at once.
 *
 * @param key names the place; workspaces with the same key share the limit
 * @param limit at least 1
 */
public record Capacity(String key, int limit) {

  /** Check the limit. */
  public Capacity {
    Objects.requireNonNull(key, "key");
    if (limit < 1) {
      throw new IllegalArgumentException("a place must admit at least one task, not " + limit);
    }
  }
}
