package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Recovery;
import dev.maestro.RunResult;
import dev.maestro.gate.GateCheck;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.process.Reaped;
import dev.maestro.run.Task;
import dev.maestro.task.Amount;
import dev.maestro.task.Money;
import dev.maestro.task.RunStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A JVM is killed with {@code kill -9} in the middle, and another goes on. */
@Timeout(300)
class KillTest {

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(KilledMain.Point.class)
  void anotherJvmGoesOnWhereOneWasKilled(KilledMain.Point point) throws Exception {
    Path work = Files.createDirectory(directory.resolve("work"));
    Process jvm = start(point);
    try {
      if (point == KilledMain.Point.LAUNCHED || point == KilledMain.Point.GATE) {
        awaitFile(work.resolve("pid"));
      } else {
        assertThat(firstLine(jvm)).isEqualTo("ready");
      }
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    boolean leavesOne = point == KilledMain.Point.LAUNCHED || point == KilledMain.Point.GATE;
    if (leavesOne) {
      assertThat(Machine.isAtWork(left(work))).isTrue();
    }
    Files.deleteIfExists(work.resolve("hang"));

    try (Maestro maestro =
        KilledMain.builder(
                directory,
                KilledMain.agent("cat > /dev/null; echo x >> launches; echo done"),
                subject -> GateCheck.Finding.pass())
            .build()) {
      Recovery recovery = maestro.recover();
      assertThat(recovery.runs()).hasSize(1);
      assertThat(recovery.interrupted()).isEqualTo(1);
      if (leavesOne) {
        assertThat(recovery.processes())
            .extracting(Reaped::outcome)
            .contains(Reaped.Outcome.REAPED);
        assertThat(Machine.isAtWork(left(work))).isFalse();
      }
      RunResult result = recovery.runs().get(0).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      Task task = result.snapshot().task("work").orElseThrow();
      assertThat(task.launches()).isEqualTo(point == KilledMain.Point.LAUNCHED ? 2 : 1);
      assertThat(task.attempt()).isEqualTo(point == KilledMain.Point.LAUNCHED ? 2 : 1);
      boolean again = point == KilledMain.Point.LAUNCHED || point == KilledMain.Point.INTENT;
      assertThat(Files.exists(work.resolve("launches"))).isEqualTo(again);
      assertThat(work.resolve("before")).content().isEqualTo("x\n");
      agrees(maestro.ledger(), task);
    }
  }

  /** Neither forgotten nor doubled: each launch counts with what was put aside, once. */
  private static void agrees(List<LedgerAccount> ledger, Task task) {
    assertThat(ledger).hasSize(1);
    assertThat(ledger.get(0).spent()).isEqualTo(task.spent());
    assertThat(ledger.get(0).reserved()).isEqualTo(Amount.NONE);
    assertThat(task.spent().tokens()).isEqualTo(1_000L * task.launches());
    assertThat(task.spent().money()).isEqualTo(Money.usd(task.launches() == 1 ? "0.10" : "0.20"));
  }

  private Process start(KilledMain.Point point) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            KilledMain.class.getName(),
            directory.toString(),
            point.name())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String firstLine(Process jvm) throws IOException {
    try (BufferedReader lines = jvm.inputReader(StandardCharsets.UTF_8)) {
      return lines.readLine();
    }
  }

  private static long left(Path work) throws IOException {
    return Long.parseLong(Files.readString(work.resolve("pid")).strip());
  }

  private static void awaitFile(Path file) throws Exception {
    try (WatchService watch = file.getFileSystem().newWatchService()) {
      file.getParent().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      while (!Files.exists(file)) {
        WatchKey key = watch.poll(30, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
  }
}
