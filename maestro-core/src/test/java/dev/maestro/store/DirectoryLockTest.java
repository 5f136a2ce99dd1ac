package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who has it says so a moment after it has come, and takes its name back a moment before it goes.
 */
@EnabledOnOs(OS.LINUX)
final class DirectoryLockTest {

  @TempDir private Path directory;
  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private FileChannel locked;

  @BeforeEach
  void lockItAndSayNothing() throws IOException {
    locked =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    assertThat(locked.tryLock()).isNotNull();
  }

  @AfterEach
  void unlock() throws IOException {
    locked.close();
    other.shutdownNow();
  }

  @Test
  void namesAnOwnerWhoSaysWhoItIsAMomentLater() throws IOException {
    Path owner = ownerIs(ProcessHandle.current().parent().orElseThrow());
    Future<DirectoryLock> opening = other.submit(() -> DirectoryLock.take(directory));

    show(owner);

    assertThatThrownBy(() -> opening.get(1, TimeUnit.MINUTES))
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining(
            "in use by process " + ProcessHandle.current().parent().orElseThrow().pid());
  }

  @Test
  void getsItFromAnOwnerWhoIsAboutToGo() throws Exception {
    Future<DirectoryLock> opening = other.submit(() -> DirectoryLock.take(directory));

    locked.close();

    opening.get(1, TimeUnit.MINUTES).close();
  }

  @Test
  void doesNotNameAnOwnerWhoHasEnded() throws Exception {
    Process ended = new ProcessBuilder("cat").start();
    show(ownerIs(ended.toHandle()));
    ended.destroyForcibly().waitFor();

    assertThatThrownBy(() -> DirectoryLock.take(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("in use by another process");
  }

  /** {@return a file that says so, on the disk already, and not seen by anybody yet} */
  private Path ownerIs(ProcessHandle process) throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    String started = process.info().startInstant().orElseThrow().toString();
    return Files.writeString(
        directory.resolve("hidden"), process.pid() + "\n" + host + "\n" + started + "\n");
  }

  private void show(Path owner) throws IOException {
    Files.move(owner, directory.resolve("owner"));
  }
}
