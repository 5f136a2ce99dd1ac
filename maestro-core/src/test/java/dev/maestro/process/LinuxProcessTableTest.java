package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.process.ProcessTable.Entry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Lines of {@code /proc/<pid>/stat} are read, and this JVM is found. */
class LinuxProcessTableTest {

  private static final String STAT =
      "42 (%s) %s 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 %d 0 9876 0 0 18446744073709551615";

  @Test
  void aNameMayHoldAnything() {
    assertThat(LinuxProcessTable.parse(STAT.formatted("a) R 1 (b", "S", 1)))
        .contains(new Entry(42, 7, 9876));
  }

  @Test
  void whatOnlyWaitsToBeCollectedIsDead() {
    assertThat(LinuxProcessTable.parse(STAT.formatted("sh", "Z", 1))).isEmpty();
    assertThat(LinuxProcessTable.parse(STAT.formatted("sh", "X", 0))).isEmpty();
  }

  @Test
  void aDeadLeaderOfLiveThreadsIsAlive() {
    assertThat(LinuxProcessTable.parse(STAT.formatted("sh", "Z", 2))).isPresent();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void findsThisJvm() {
    LinuxProcessTable table = new LinuxProcessTable(Path.of("/proc"));
    ProcessHandle self = ProcessHandle.current();

    Entry found = table.find(self.pid()).orElseThrow();

    assertThat(found.parent()).isEqualTo(self.parent().orElseThrow().pid());
    assertThat(table.processes()).contains(found);
    assertThat(table.bootId()).isNotEmpty();
    assertThat(table.find(Long.MAX_VALUE)).isEmpty();
  }
}
