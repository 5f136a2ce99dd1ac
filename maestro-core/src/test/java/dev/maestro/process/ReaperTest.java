package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.process.Reaped.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a killed JVM leaves is found and ended; what cannot be proved is left alone. */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class ReaperTest {

  private final ProcessTable table = ProcessTable.ofThisMachine();
  private final Reaper reaper = new Reaper();
  private final HandTime time = new HandTime();
  private final ProcessRunner runner = new ProcessRunner(time);
  @TempDir Path directory;
  private Running bystander;

  @AfterEach
  void endTheBystander() {
    if (bystander != null) {
      bystander.cancellation.cancel(Cancellation.Mode.EMERGENCY);
      bystander.await();
    }
  }

  @Test
  void whatAKilledJvmLeftIsReaped() throws Exception {
    Orphans orphans =
        orphansOf("sleep 600 & echo $!; (setsid sleep 600 & echo $!); exec sleep 600");

    List<Reaped> reaped = reaper.reap(List.of(orphans.identity));

    assertThat(reaped).hasSize(1);
    assertThat(reaped.get(0).outcome()).isEqualTo(Outcome.REAPED);
    assertThat(reaped.get(0).ended())
        .contains(orphans.identity.pid(), orphans.pids.get(0), orphans.pids.get(1));
    assertGone(orphans.identity.pid());
    orphans.pids.forEach(this::assertGone);
  }

  @Test
  void whatADeadChildLeftIsReapedByTheMarker() throws Exception {
    Orphans orphans =
        orphansOf(
            "(setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 1; done' &) ; "
                + "echo 0; exec sleep 600");
    end(orphans.identity.pid());

    List<Reaped> reaped = reaper.reap(List.of(orphans.identity));

    assertThat(reaped.get(0).outcome()).isEqualTo(Outcome.REAPED);
    orphans.pids.stream().filter(pid -> pid != 0).forEach(this::assertGone);
  }

  @Test
  void aProcessThatEndedIsGone() throws Exception {
    Recorder recorder = new Recorder();
    runner.run(ProcessSpec.of(directory, "true"), recorder, Cancellation.never());

    List<Reaped> reaped = reaper.reap(List.of(recorder.identity()));

    assertThat(reaped).extracting(Reaped::outcome).containsExactly(Outcome.GONE);
    assertThat(reaped.get(0).detail()).isEqualTo("nothing of it is left");
  }

  @Test
  void anotherStartIsNoProof() {
    ProcessIdentity real = startBystander();

    assertLeftAlone(
        new ProcessIdentity(real.bootId(), real.pid(), real.startTicks() - 1, real.marker()),
        "its start differs");
  }

  @Test
  void anotherBootIsNoProof() {
    ProcessIdentity real = startBystander();

    assertLeftAlone(
        new ProcessIdentity("another", real.pid(), real.startTicks(), real.marker()),
        "before this machine's last boot");
  }

  @Test
  void anotherMarkerIsNoProof() {
    ProcessIdentity real = startBystander();

    assertLeftAlone(
        new ProcessIdentity(real.bootId(), real.pid(), real.startTicks(), "another"),
        "does not show the marker");
  }

  @Test
  void aTableWithoutEnvironmentsProvesNothing() {
    startBystander();
    PortableProcessTable portable = new PortableProcessTable();
    long ticks = portable.find(bystander.recorder.identity().pid()).orElseThrow().startTicks();
    ProcessIdentity identity =
        new ProcessIdentity("", bystander.recorder.identity().pid(), ticks, "marker");

    List<Reaped> reaped = new Reaper(portable).reap(List.of(identity));

    assertThat(reaped).extracting(Reaped::outcome).containsExactly(Outcome.UNPROVEN);
    assertThat(table.find(identity.pid())).isPresent();
  }

  @Test
  void answersInOrderAndEndsOnlyWhatIsProved() throws Exception {
    ProcessIdentity stranger = startBystander();
    ProcessIdentity unproved =
        new ProcessIdentity(stranger.bootId(), stranger.pid(), stranger.startTicks(), "another");
    Orphans orphans = orphansOf("echo 0; echo 0; exec sleep 600");

    List<Reaped> reaped = reaper.reap(List.of(unproved, orphans.identity));

    assertThat(reaped)
        .extracting(Reaped::outcome)
        .containsExactly(Outcome.UNPROVEN, Outcome.REAPED);
    assertThat(table.find(stranger.pid())).isPresent();
    assertGone(orphans.identity.pid());
  }

  @Test
  void aPidThatNowBelongsToAnotherProvedProcessDoesNotSpareIt() throws Exception {
    Orphans orphans = orphansOf("echo 0; echo 0; exec sleep 600");
    ProcessIdentity real = orphans.identity;
    ProcessIdentity formerBearer =
        new ProcessIdentity(real.bootId(), real.pid(), real.startTicks() - 1, "former");

    List<Reaped> reaped = reaper.reap(List.of(formerBearer, real));

    assertThat(reaped)
        .extracting(Reaped::outcome)
        .containsExactly(Outcome.UNPROVEN, Outcome.REAPED);
    assertGone(real.pid());
  }

  @Test
  void whatASessionLeftIsReapedWithoutKnowingIt() throws Exception {
    Orphans orphans =
        orphansOf("sleep 600 & echo $!; (setsid sleep 600 & echo $!); exec sleep 600");

    List<Reaped> reaped = reaper.reap(sessionOf(orphans.identity));

    assertThat(reaped).hasSize(1);
    assertThat(reaped.get(0).identity()).isEqualTo(orphans.identity);
    assertThat(reaped.get(0).outcome()).isEqualTo(Outcome.REAPED);
    assertThat(reaped.get(0).ended())
        .contains(orphans.identity.pid(), orphans.pids.get(0), orphans.pids.get(1));
    assertGone(orphans.identity.pid());
    orphans.pids.forEach(this::assertGone);
  }

  @Test
  void grandchildrenOfADeadChildAreReapedByTheSession() throws Exception {
    Orphans orphans =
        orphansOf(
            "(setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 1; done' &) ; "
                + "echo 0; exec sleep 600");
    end(orphans.identity.pid());

    List<Reaped> reaped = reaper.reap(sessionOf(orphans.identity));

    assertThat(reaped).extracting(Reaped::outcome).containsExactly(Outcome.REAPED);
    orphans.pids.stream().filter(pid -> pid != 0).forEach(this::assertGone);
  }

  @Test
  void anotherSessionIsLeftAlone() {
    ProcessIdentity real = startBystander();

    assertThat(reaper.reap(Session.begin())).isEmpty();
    assertThat(table.find(real.pid())).isPresent();
  }

  @Test
  void aTableWithoutEnvironmentsSaysThatItCannotLookForASession() {
    ProcessIdentity real = startBystander();

    List<Reaped> reaped = new Reaper(new PortableProcessTable()).reap(sessionOf(real));

    assertThat(reaped).extracting(Reaped::outcome).containsExactly(Outcome.UNPROVEN);
    assertThat(reaped.get(0).detail()).contains("cannot be looked for");
    assertThat(table.find(real.pid())).isPresent();
  }

  /** {@return the session of the JVM that started it, which is gone} */
  private static Session sessionOf(ProcessIdentity process) {
    String marker = process.marker();
    return new Session(marker.substring(0, marker.indexOf('.')), process.bootId(), 1, -1);
  }

  private void assertLeftAlone(ProcessIdentity doubtful, String detail) {
    List<Reaped> reaped = reaper.reap(List.of(doubtful));

    assertThat(reaped).extracting(Reaped::outcome).containsExactly(Outcome.UNPROVEN);
    assertThat(reaped.get(0).detail()).contains(detail);
    assertThat(reaped.get(0).ended()).isEmpty();
    assertThat(table.find(doubtful.pid())).isPresent();
  }

  private ProcessIdentity startBystander() {
    bystander =
        Running.start(runner, ProcessSpec.of(directory, "sh", "-c", "echo ready; exec sleep 600"));
    bystander.recorder.awaitLine(0);
    return bystander.recorder.identity();
  }

  private record Orphans(ProcessIdentity identity, List<Long> pids) {}

  /** Run a script that prints two pids below a JVM, and kill that JVM. */
  private Orphans orphansOf(String script) throws Exception {
    Process host =
        new ProcessBuilder(HostMain.command(directory, "identity", "sh", "-c", script))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
      ProcessIdentity identity = identity(out.readLine());
      List<Long> pids = List.of(pid(out), pid(out));
      host.destroyForcibly().waitFor();
      assertThat(table.find(identity.pid())).isPresent();
      return new Orphans(identity, pids);
    }
  }

  private static ProcessIdentity identity(String line) {
    String[] parts = line.split(" ");
    return new ProcessIdentity(
        parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]);
  }

  private static long pid(BufferedReader out) throws IOException {
    return Long.parseLong(out.readLine());
  }

  private static void end(long pid) throws Exception {
    ProcessHandle handle = ProcessHandle.of(pid).orElseThrow();
    handle.destroyForcibly();
    handle.onExit().get(120, TimeUnit.SECONDS);
  }

  private void assertGone(long pid) {
    assertThat(table.find(pid)).isEmpty();
  }
}
