package dev.maestro.process;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The process table as Java shows it on every system.
 *
 * <p>It knows no boot and reads no environment: trees are found by parents alone, and what an ended
 * JVM left behind can be reported but not proved.
 */
final class PortableProcessTable implements ProcessTable {

  @Override
  public String bootId() {
    return "";
  }

  @Override
  public List<Entry> processes() {
    return ProcessHandle.allProcesses().map(PortableProcessTable::entry).toList();
  }

  @Override
  public Optional<Entry> find(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).map(PortableProcessTable::entry);
  }

  @Override
  public Set<String> markersOf(Entry process, Set<String> markers) {
    return Set.of();
  }

  @Override
  public boolean readsEnvironments() {
    return false;
  }

  @Override
  public Optional<String> ownMarker(Entry process) {
    return Optional.empty();
  }

  private static Entry entry(ProcessHandle process) {
    return new Entry(
        process.pid(),
        process.parent().map(ProcessHandle::pid).orElse(0L),
        process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
  }
}
