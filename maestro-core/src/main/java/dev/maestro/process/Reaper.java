package dev.maestro.process;

import dev.maestro.process.ProcessTable.Entry;
import dev.maestro.process.Reaped.Outcome;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * Ends what a JVM that is gone has left running.
 *
 * <p>A process is proved to be ours by its marker, which nobody else can know. The one that was
 * started must also agree in boot, id and start. Whatever came out of a proved process goes with
 * it. What cannot be proved is reported and left alone; where a system does not show the
 * environment of processes, that is everything.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Reaper {

  private final ProcessTable table;

  /** Make a reaper for this machine. */
  public Reaper() {
    this(ProcessTable.ofThisMachine());
  }

  Reaper(ProcessTable table) {
    this.table = table;
  }

  /**
   * End what is left of these processes.
   *
   * @return one answer for each, in the same order
   */
  public List<Reaped> reap(Collection<ProcessIdentity> identities) {
    boolean interrupted = Thread.interrupted();
    try {
      List<Finding> findings = identities.stream().map(this::find).toList();
      Set<Long> survivors = end(findings);
      return findings.stream().map(finding -> finding.answer(survivors)).toList();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * End whatever a session has started, known or not, once its JVM is gone.
   *
   * <p>It is found by its own marker, the innermost it carries. Where a system does not show the
   * environment of processes nothing is found, and one answer about the JVM itself says so.
   *
   * @return one answer for each process that was started and left something
   */
  public List<Reaped> reap(Session session) {
    if (!table.readsEnvironments()) {
      return List.of(unseen(session));
    }
    Map<String, ProcessIdentity> found = new LinkedHashMap<>();
    // Looked at twice: a process can fork and exit between the listing and its reading.
    startedBy(session).forEach(one -> found.putIfAbsent(one.marker(), one));
    startedBy(session).forEach(one -> found.putIfAbsent(one.marker(), one));
    return reap(found.values());
  }

  /** {@return who carries a marker of the session, the oldest first, but not this JVM} */
  private List<ProcessIdentity> startedBy(Session session) {
    return table.processes().stream()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .sorted(Comparator.comparingLong(Entry::startTicks).thenComparingLong(Entry::pid))
        .flatMap(process -> identity(session, process).stream())
        .toList();
  }

  private Optional<ProcessIdentity> identity(Session session, Entry process) {
    return table
        .ownMarker(process)
        .filter(session::owns)
        .map(m -> new ProcessIdentity(table.bootId(), process.pid(), process.startTicks(), m));
  }

  private static Reaped unseen(Session session) {
    ProcessIdentity jvm =
        new ProcessIdentity(session.bootId(), session.pid(), session.startTicks(), session.id());
    return new Reaped(
        jvm,
        Outcome.UNPROVEN,
        List.of(),
        "what this JVM has left cannot be looked for: this system does not show the environment"
            + " of processes");
  }

  /** End everything that was found at once, so that patience is spent once; {@return the rest} */
  private Set<Long> end(List<Finding> findings) {
    List<Finding> toEnd =
        findings.stream().filter(finding -> !finding.members().isEmpty()).toList();
    if (toEnd.isEmpty()) {
      return Set.of();
    }
    Set<String> markers =
        toEnd.stream().map(finding -> finding.identity().marker()).collect(Collectors.toSet());
    Set<Long> spared = suspects(findings);
    // The pid of one that is long gone may by now be that of another one that is proved.
    toEnd.forEach(finding -> spared.removeAll(finding.members()));
    return ProcessTree.ofBearers(table, markers, spared).end(ProcessTree.TERM_PATIENCE).stream()
        .map(Entry::pid)
        .collect(Collectors.toSet());
  }

  private static Set<Long> suspects(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> !finding.doubt().isEmpty())
        .map(finding -> finding.identity().pid())
        .collect(Collectors.toSet());
  }

  private Finding find(ProcessIdentity identity) {
    Optional<Entry> namesake = table.find(identity.pid());
    String doubt = namesake.map(found -> doubt(identity, found)).orElse("");
    boolean contradicts = !doubt.isEmpty() && carriesMarker(namesake.orElseThrow(), identity);
    List<Long> suspects = doubt.isEmpty() ? List.of() : List.of(identity.pid());
    return new Finding(identity, doubt, contradicts ? List.of() : bearers(identity, suspects));
  }

  private List<Long> bearers(ProcessIdentity identity, List<Long> suspects) {
    return ProcessTree.ofBearers(table, Set.of(identity.marker()), suspects).members().stream()
        .map(Entry::pid)
        .toList();
  }

  /** {@return why the process of this id may be another one, or nothing} */
  private String doubt(ProcessIdentity identity, Entry found) {
    if (!identity.bootId().equals(table.bootId())) {
      return "it was started before this machine's last boot, or on another one";
    }
    if (identity.startTicks() != found.startTicks()) {
      return "its start differs";
    }
    return carriesMarker(found, identity) ? "" : "its environment does not show the marker";
  }

  private boolean carriesMarker(Entry process, ProcessIdentity identity) {
    return !table.markersOf(process, Set.of(identity.marker())).isEmpty();
  }

  /**
   * What was found of one process.
   *
   * @param doubt why the process that has its id now may be another one; empty when there is none,
   *     or no such process
   * @param members what is proved to be ours
   */
  private record Finding(ProcessIdentity identity, String doubt, List<Long> members) {

    Reaped answer(Set<Long> survivors) {
      List<Long> ended = members.stream().filter(pid -> !survivors.contains(pid)).toList();
      return new Reaped(identity, outcome(ended), ended, detail(ended));
    }

    private Outcome outcome(List<Long> ended) {
      if (ended.size() < members.size()) {
        return Outcome.SURVIVED;
      }
      if (!doubt.isEmpty()) {
        return Outcome.UNPROVEN;
      }
      return members.isEmpty() ? Outcome.GONE : Outcome.REAPED;
    }

    private String detail(List<Long> ended) {
      StringJoiner detail = new StringJoiner("; ");
      if (!doubt.isEmpty()) {
        detail.add("process %d was left alone: %s".formatted(identity.pid(), doubt));
      }
      if (!ended.isEmpty()) {
        detail.add("ended " + ended);
      }
      if (ended.size() < members.size()) {
        List<Long> left = members.stream().filter(pid -> !ended.contains(pid)).toList();
        detail.add("could not end " + left);
      }
      return detail.length() == 0 ? "nothing of it is left" : detail.toString();
    }
  }
}
