package dev.maestro.store;

import dev.maestro.table.Table;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Who holds what; guarded by its store's lock. */
final class Leases {

  /** So many tokens at most are given out before a force of the disk takes them along. */
  static final int MOST_NOT_ON_DISK = 1 << 17;

  private final Table<String, Lease> held = new Table<>(Lease::key);
  private long lastToken;

  static void requireLength(Duration length) {
    TimeBound.check("a lease", length);
  }

  /** Take a lease, unless somebody of another name holds it. */
  Optional<Lease> acquire(String key, String owner, Instant now, Duration length) {
    Lease current = held.get(key);
    if (current != null && now.isBefore(current.until()) && !current.owner().equals(owner)) {
      return Optional.empty();
    }
    Lease lease = new Lease(key, owner, lastToken + 1, now.plus(length));
    put(lease);
    return Optional.of(lease);
  }

  /** Give a lease back; {@return whether it was held} */
  boolean release(Lease lease) {
    Lease current = held.get(lease.key());
    if (current == null || current.token() != lease.token()) {
      return false;
    }
    held.remove(lease.key());
    return true;
  }

  void put(Lease lease) {
    held.put(lease);
    lastToken = Math.max(lastToken, lease.token());
  }

  /** End every lease; the tokens that were given out stay taken. */
  void endAll() {
    held.clear();
  }

  long lastToken() {
    return lastToken;
  }

  /** Note that tokens up to this one were given out. */
  void atLeast(long token) {
    lastToken = Math.max(lastToken, token);
  }

  /** Make sure that tokens which may have been given out are not given out again. */
  void skipTokens(long count) {
    lastToken += count;
  }
}
