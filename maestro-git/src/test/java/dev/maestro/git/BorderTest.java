package dev.maestro.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.TransientException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jgit.errors.ObjectWritingException;
import org.junit.jupiter.api.Test;

/** What JGit could not do for a moment. */
class BorderTest {

  private final AtomicInteger tries = new AtomicInteger();

  private String write(int vain) throws ObjectWritingException {
    if (tries.incrementAndGet() <= vain) {
      throw new ObjectWritingException("Unable to create new object");
    }
    return "written";
  }

  @Test
  void writesAnObjectAgainWhoseDirectoryAnotherGitTookAway() {
    assertThat(Border.call("write a commit", () -> write(3))).isEqualTo("written");
    assertThat(tries).hasValue(4);
  }

  @Test
  void givesUpWhereItNeverCanBeWritten() {
    assertThatThrownBy(() -> Border.call("write a commit", () -> write(Integer.MAX_VALUE)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("cannot write a commit: Unable to create new object");
    assertThat(tries).hasValue(5);
  }
}
