package dev.maestro.providers;

import dev.maestro.agent.SessionId;
import dev.maestro.task.Usage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the latest conversations have used up in all, for programs that tell only that.
 *
 * <p>It is lost with the JVM; then what a resumed conversation uses up is not known once.
 */
final class Conversations {

  static final int MOST = 1_000;

  // guarded by this
  private final Map<SessionId, Usage> totals =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, Usage> eldest) {
          return size() > MOST;
        }
      };

  synchronized @Nullable Usage usedBy(SessionId session) {
    return totals.get(session);
  }

  /**
   * Remember a total; where the launch told none, the old one is no longer right. One that failed
   * before it had read what was used up tells nothing at all, and the old one stays.
   */
  synchronized void note(@Nullable SessionId session, @Nullable Usage total) {
    if (session == null) {
      return;
    }
    if (total == null) {
      totals.remove(session);
    } else {
      totals.merge(session, total, (old, now) -> now.tokens() == 0 ? old : now);
    }
  }
}
