package dev.maestro.store;

import dev.maestro.task.Tenant;
import java.util.Comparator;
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

  private static final Comparator<RecordKey> ORDER =
      Comparator.comparing((RecordKey k) -> k.tenant().value())
          .thenComparing(RecordKey::namespace)
          .thenComparing(RecordKey::key);

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
    return ORDER.compare(this, other);
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
