package dev.maestro.store;

import dev.maestro.task.Tenant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a record is kept.
 *
 * @param tenant whose it is
 * @param namespace the kind of record, such as {@code budget}
 * @param key names it there; at most 200 characters
 */
public record RecordKey(Tenant tenant, String namespace, String key)
    implements Comparable<RecordKey> {

  /** Check that nothing is missing. */
  public RecordKey {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(key, "key");
    if (namespace.isBlank() || key.isBlank() || namespace.length() > 200 || key.length() > 200) {
      throw new IllegalArgumentException("a record's namespace and key have 1 to 200 characters");
    }
  }

  @Override
  public int compareTo(RecordKey other) {
    int order = tenant.value().compareTo(other.tenant.value());
    if (order == 0) {
      order = namespace.compareTo(other.namespace);
    }
    return order != 0 ? order : key.compareTo(other.key);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RecordKey that
        && key.equals(that.key)
        && namespace.equals(that.namespace)
        && tenant.equals(that.tenant);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * tenant.hashCode() + namespace.hashCode()) + key.hashCode();
  }

  @Override
  public String toString() {
    return tenant + "/" + namespace + "/" + key;
  }
}
