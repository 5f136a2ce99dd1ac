package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "files have no identity there")
class FileIdentityTest {

  @TempDir private Path temp;

  private Path directory;
  private Path file;
  private FileIdentity identity;

  @BeforeEach
  void createFile() throws IOException {
    directory = Files.createDirectory(temp.resolve("log"));
    file = Files.writeString(directory.resolve("file"), "it");
    identity = FileIdentity.of(file);
    assertSame();
  }

  @Test
  void knowsItAgainWhateverIsWrittenToIt() throws IOException {
    for (int i = 0; i < 3 * FileIdentity.LOOKS; i++) {
      Files.writeString(file, "more " + i);
      assertSame();
    }
  }

  @Test
  void knowsItAgainWhateverBecomesOfOthers() throws IOException {
    for (int i = 0; i < 10; i++) {
      Path other = Files.writeString(directory.resolve("other " + i), "other");
      assertSame();
      Files.move(other, directory.resolve("moved"), StandardCopyOption.REPLACE_EXISTING);
      assertSame();
    }
  }

  @Test
  void noticesThatItWasDeletedEachTimeItIsAsked() throws IOException {
    Files.delete(file);
    tick();

    for (int i = 0; i < 3; i++) {
      assertOther();
    }
  }

  @Test
  void noticesThatAnotherHasTakenItsPlaceEachTimeItIsAsked() throws IOException {
    replace();
    tick();

    for (int i = 0; i < 3; i++) {
      assertOther();
    }
  }

  @Test
  void noticesThatItsDirectoryWasMoved() throws IOException {
    Files.move(directory, temp.resolve("elsewhere"));
    assertOther();

    Files.createDirectory(directory);
    Files.writeString(file, "another");
    assertOther();
  }

  @Test
  void noticesThatADirectoryAboveWasReplacedByOneOfTheSameTime() throws IOException {
    FileTime changed = Files.getLastModifiedTime(directory);
    Files.move(directory, temp.resolve("elsewhere"));
    Files.createDirectory(directory);
    Files.writeString(file, "another");
    Files.setLastModifiedTime(directory, changed);

    assertOther();
  }

  @Test
  void takesItForTheSameWhenItHasComeBack() throws IOException {
    Path elsewhere = Files.move(directory, temp.resolve("elsewhere"));
    assertOther();

    Files.move(elsewhere, directory);
    assertSame();
  }

  @Test
  void noticesInTheEndWhatTheDirectoryDoesNotTell() throws IOException {
    FileTime changed = Files.getLastModifiedTime(directory);
    replace();
    // as where two changes fall into one tick of the file system's clock
    Files.setLastModifiedTime(directory, changed);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i <= FileIdentity.LOOKS; i++) {
                identity.require();
              }
            })
        .isInstanceOf(NoSuchFileException.class);
    assertOther();
  }

  @Test
  void noticesAtOnceWhatTheDirectoryDoesNotTellWhenItIsAskedAnew() throws IOException {
    FileTime changed = Files.getLastModifiedTime(directory);
    replace();
    Files.setLastModifiedTime(directory, changed);

    assertThatThrownBy(identity::requireAnew).isInstanceOf(NoSuchFileException.class);
  }

  /** As where the file system's clock has gone on since the directory was looked at. */
  private void tick() throws IOException {
    FileTime changed = Files.getLastModifiedTime(directory);
    Files.setLastModifiedTime(directory, FileTime.from(changed.toInstant().plusMillis(10)));
  }

  private void replace() throws IOException {
    Path other = Files.writeString(temp.resolve("other"), "another");
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private void assertSame() {
    assertThatCode(identity::require).doesNotThrowAnyException();
  }

  private void assertOther() {
    assertThatThrownBy(identity::require)
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("deleted or replaced while in use");
  }
}
