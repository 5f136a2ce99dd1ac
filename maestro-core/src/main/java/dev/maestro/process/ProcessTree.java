package dev.maestro.process;

import dev.maestro.process.ProcessTable.Entry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Some processes with all that came out of them: descendants, and whoever carries a marker.
 *
 * <p>It remembers every member it has seen, so that a child still belongs to it when the parents in
 * between are gone. Ending it depends on no clock that can be moved by hand or closed: limits are
 * policy, but a tree that is to go must go. Not safe for use by several threads.
 */
final class ProcessTree {

  /** How long TERM is given before KILL. */
  static final Duration TERM_PATIENCE = Duration.ofMillis(500);

  private static final Duration KILL_PATIENCE = Duration.ofSeconds(2);
  private static final long SHORTEST_PAUSE_NANOS = 500_000;
  private static final long LONGEST_PAUSE_NANOS = 20_000_000;

  private final ProcessTable table;
  private final Set<String> markers;
  private final long bornSince;
  private final Set<Long> spared;
  private final Map<Long, Entry> known = new LinkedHashMap<>();

  private ProcessTree(
      ProcessTable table, Set<String> markers, long bornSince, Collection<Long> spared) {
    this.table = table;
    this.markers = Set.copyOf(markers);
    this.bornSince = bornSince;
    this.spared = new HashSet<>(spared);
    this.spared.add(ProcessHandle.current().pid());
  }

  /**
   * {@return the tree of a process that was just started with a fresh marker}
   *
   * <p>Nothing older than it can carry the marker, so older processes are not looked at.
   */
  static ProcessTree of(ProcessTable table, Entry root, String marker) {
    ProcessTree tree = new ProcessTree(table, Set.of(marker), root.startTicks(), Set.of());
    tree.known.put(root.pid(), root);
    return tree;
  }

  /** {@return the bearers of the markers and their descendants, but not what is to be spared} */
  static ProcessTree ofBearers(
      ProcessTable table, Set<String> markers, Collection<Long> sparedPids) {
    return new ProcessTree(table, markers, 0, sparedPids);
  }

  /** Tell every member to end, where the system has a way to say so; {@return whether it has} */
  boolean terminate() {
    boolean canBeTold = ProcessHandle.current().supportsNormalTermination();
    if (canBeTold) {
      members().forEach(member -> signal(member, ProcessHandle::destroy));
    }
    return canBeTold;
  }

  /**
   * End every member, by TERM, and by KILL after the patience.
   *
   * @return what could not be ended; normally nothing
   */
  List<Entry> end(Duration patience) {
    // Looked at twice: a process can fork and exit between the listing and its reading.
    if (members().isEmpty() && members().isEmpty()) {
      return List.of();
    }
    boolean tell = !patience.isZero() && ProcessHandle.current().supportsNormalTermination();
    if (tell && signalUntilGone(ProcessHandle::destroy, true, patience).isEmpty()) {
      return List.of();
    }
    return signalUntilGone(ProcessHandle::destroyForcibly, false, KILL_PATIENCE);
  }

  /** {@return every live member, parents before their children as far as their ages tell} */
  List<Entry> members() {
    List<Entry> all = table.processes();
    Map<Long, List<Entry>> children = new HashMap<>();
    Deque<Entry> found = new ArrayDeque<>();
    for (Entry process : all) {
      children.computeIfAbsent(process.parent(), pid -> new ArrayList<>()).add(process);
      if (isKnown(process) || carriesMarker(process)) {
        found.add(process);
      }
    }
    Map<Long, Entry> members = new LinkedHashMap<>();
    while (!found.isEmpty()) {
      Entry member = found.remove();
      if (!spared.contains(member.pid()) && members.putIfAbsent(member.pid(), member) == null) {
        children.getOrDefault(member.pid(), List.of()).stream()
            .filter(child -> isYounger(child, member))
            .forEach(found::add);
      }
    }
    known.putAll(members);
    return members.values().stream().sorted(Comparator.comparingLong(Entry::startTicks)).toList();
  }

  /** Signal members, each once or again and again, until all are gone or the patience is. */
  private List<Entry> signalUntilGone(
      Predicate<ProcessHandle> signal, boolean once, Duration patience) {
    Deadline deadline = Deadline.in(patience);
    long pause = SHORTEST_PAUSE_NANOS;
    Set<Long> told = new HashSet<>();
    List<Entry> left = members();
    while (!left.isEmpty() || !(left = members()).isEmpty()) {
      for (Entry member : left) {
        if (!once || told.add(member.pid())) {
          signal(member, signal);
        }
      }
      if (deadline.nanosLeft() == 0) {
        return left;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
      left = left.stream().filter(this::isAlive).toList();
    }
    return List.of();
  }

  private void signal(Entry member, Predicate<ProcessHandle> signal) {
    Optional<ProcessHandle> handle = ProcessHandle.of(member.pid());
    // The handle remembers the start too and compares it again, so no later bearer of the pid is
    // hit.
    if (handle.isPresent() && isAlive(member)) {
      signal.test(handle.get());
    }
  }

  private boolean isAlive(Entry member) {
    return table.find(member.pid()).filter(member::isSameAs).isPresent();
  }

  private boolean isKnown(Entry process) {
    Entry seen = known.get(process.pid());
    return seen != null && seen.isSameAs(process);
  }

  private boolean carriesMarker(Entry process) {
    return process.startTicks() >= bornSince && !table.markersOf(process, markers).isEmpty();
  }

  /** {@return whether the pid of its parent can have meant that parent when it was born} */
  private static boolean isYounger(Entry child, Entry parent) {
    return child.startTicks() == 0 || child.startTicks() >= parent.startTicks();
  }
}
