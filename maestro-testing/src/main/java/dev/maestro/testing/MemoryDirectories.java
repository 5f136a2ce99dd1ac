package dev.maestro.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes the temporary directories of tests in memory where the system has room there, else where
 * they are always made.
 *
 * <p>Maestro and git force what they write to the disk, some forty files for a task in a worktree,
 * and hardly a test can tell whether there is one: what a killed process leaves behind lies in
 * memory anyway. One line in {@code junit-platform.properties} lets all tests of a module use it:
 *
 * <pre>{@code
 * junit.jupiter.tempdir.factory.default=dev.maestro.testing.MemoryDirectories
 * }</pre>
 *
 * <p>There is room where {@code /dev/shm} has a gigabyte to spare and programs may be executed in
 * it; elsewhere than on Linux there is none. Needs JUnit Jupiter on the class path.
 */
@SuppressWarnings("exports") // of JUnit, which is only there for those who use this
public final class MemoryDirectories implements TempDirFactory {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long ENOUGH = 1L << 30;

  /** Make one; JUnit does. */
  public MemoryDirectories() {}

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test)
      throws IOException {
    return hasRoom()
        ? Files.createTempDirectory(MEMORY, "maestro")
        : Files.createTempDirectory("maestro");
  }

  /** Where nothing may be executed it will not do: some tests write a program and start it. */
  private static boolean hasRoom() throws IOException {
    if (!Files.isWritable(MEMORY) || Files.getFileStore(MEMORY).getUsableSpace() < ENOUGH) {
      return false;
    }
    Path program = Files.createTempFile(MEMORY, "maestro", ".sh");
    try {
      return program.toFile().setExecutable(true) && Files.isExecutable(program);
    } finally {
      Files.delete(program);
    }
  }
}
