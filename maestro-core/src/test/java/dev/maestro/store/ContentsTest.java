package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentsTest {

  private final View view = new View();
  private final Contents contents = new Contents();

  @Test
  void whatReadersSeeNeedNotBeKept() {
    contents.restOn(view);
    for (int i = 0; i < 3 * Contents.LATEST; i++) {
      publish(write(key(i), 0, 1));
    }

    assertThat(contents.kept()).isLessThanOrEqualTo(Contents.LATEST);
    assertThat(contents.refusal(commit(key(0), 1, 1))).isEmpty();
    assertThat(contents.refusal(commit(key(0), 0, 1)))
        .contains(new CommitOutcome.SequenceConflict(1));
    assertThat(contents.refusal(commit(key(0), 1, 0))).contains(new CommitOutcome.Fenced(1));
  }

  @Test
  void whatIsOnItsWayIsKept() {
    contents.restOn(view);
    publish(write(key(0), 0, 1));
    Change second = write(key(0), 1, 2);
    for (int i = 1; i < 3 * Contents.LATEST; i++) {
      publish(write(key(i), 0, 1));
    }

    assertThat(contents.refusal(commit(key(0), 1, 2)))
        .contains(new CommitOutcome.SequenceConflict(2));
    publish(second);
    assertThat(contents.refusal(commit(key(0), 2, 2))).isEmpty();
  }

  @Test
  void moreMayBeOnTheirWayThanAreKeptOtherwise() {
    contents.restOn(view);
    for (int i = 0; i < 3 * Contents.LATEST; i++) {
      write(key(i), 0, 1);
    }

    for (int i = 0; i < 3 * Contents.LATEST; i++) {
      assertThat(contents.refusal(commit(key(i), 0, 1)))
          .contains(new CommitOutcome.SequenceConflict(1));
    }
  }

  @Test
  void whatIsDroppedIsGoneThoughReadersStillSeeIt() {
    contents.restOn(view);
    publish(write(key(0), 0, 1));

    assertThat(contents.drop(key(0))).isPresent();
    for (int i = 1; i < 3 * Contents.LATEST; i++) {
      publish(write(key(i), 0, 1));
    }

    assertThat(contents.find(key(0))).isEmpty();
    assertThat(contents.refusal(commit(key(0), 0, 0))).isEmpty();
    publish(Change.archived(key(0), 7));
    assertThat(contents.find(key(0))).isEmpty();
  }

  @Test
  void whatComesBackBeginsAnew() {
    contents.restOn(view);
    publish(write(key(0), 0, 5));
    contents.drop(key(0));

    Slot.OfRun anew = contents.run(key(0));

    assertThat(anew.token).isZero();
    assertThat(contents.find(key(0))).containsSame(anew);
  }

  @Test
  void whatBeginsAnewIsNotTakenForWhatHadItsNameBefore() {
    contents.restOn(view);
    publish(write(key(0), 0, 5));
    contents.drop(key(0));
    write(key(0), 0, 6);
    for (int i = 1; i < 3 * Contents.LATEST; i++) {
      publish(write(key(i), 0, 1));
    }

    assertThat(contents.refusal(commit(key(0), 1, 5))).contains(new CommitOutcome.Fenced(6));
    assertThat(contents.refusal(commit(key(0), 1, 6))).isEmpty();
  }

  private Change write(RunKey run, long after, long token) {
    Commit commit = commit(run, after, token);
    contents.advance(commit);
    return Change.of(contents.run(run).change(commit, new int[commit.events().size()]));
  }

  private void publish(Change change) {
    view.publish(change, 0);
  }

  private static Commit commit(RunKey run, long after, long token) {
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
    Envelope event = new Envelope("noted", 1, Instant.EPOCH, json);
    return new Commit(run, after, token, List.of(event), null, List.of());
  }

  private static RunKey key(int number) {
    return new RunKey(Tenant.DEFAULT, RunId.of("r" + number));
  }
}
