package dev.maestro.process;

import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One JVM's stay on this machine, under a name that the markers of all its processes begin with.
 *
 * <p>Written down before the first process is started, it lets another JVM find what was started
 * and never written down.
 *
 * @param id a random word that nobody else can know
 * @param bootId the machine's boot
 * @param pid the id of the JVM
 * @param startTicks when the JVM started, in the operating system's own count
 */
public record Session(String id, String bootId, long pid, long startTicks) {

  // long enough for 96 random bits, and without what separates markers
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_-]{16,100}");

  /** Check the name. */
  public Session {
    requireSafe(id);
    Objects.requireNonNull(bootId, "bootId");
  }

  /** {@return a fresh one of this JVM} */
  public static Session begin() {
    return of(newId(), ProcessTable.ofThisMachine());
  }

  static Session of(String id, ProcessTable table) {
    long pid = ProcessHandle.current().pid();
    long startTicks = table.find(pid).map(ProcessTable.Entry::startTicks).orElse(0L);
    return new Session(id, table.bootId(), pid, startTicks);
  }

  /** {@return whether the JVM is still there, on this machine and since the same boot} */
  public boolean isAlive() {
    return isAlive(ProcessTable.ofThisMachine());
  }

  boolean isAlive(ProcessTable table) {
    return bootId.equals(table.bootId())
        && table.find(pid).filter(found -> found.startTicks() == startTicks).isPresent();
  }

  static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  static String requireSafe(String id) {
    if (!SAFE.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "a session is 16 to 100 letters, digits, dashes and underscores, not '" + id + "'");
    }
    return id;
  }

  static String newMarker(String id) {
    return id + "." + UUID.randomUUID();
  }

  /** {@return whether this marker is of a process that the session has started} */
  boolean owns(String marker) {
    return marker.startsWith(id + ".");
  }
}
