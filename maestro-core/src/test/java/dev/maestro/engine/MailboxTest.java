package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class MailboxTest {

  private final Mailbox mailbox = new Mailbox();

  @Test
  void messagesAreTakenInTheOrderInWhichTheyCame() {
    List<Mailbox.Message> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Mailbox.Message one = message(null);
      sent.add(one);
      mailbox.put(one);
    }

    assertThat(taken()).containsExactlyElementsOf(sent);
    assertThat(mailbox.isEmpty()).isTrue();
    assertThat(mailbox.takeAll()).isNull();
  }

  @Test
  void noneIsLostOrTakenTwiceWhenManySend() throws Exception {
    int senders = 4;
    int each = 5_000;
    ExecutorService threads = Executors.newFixedThreadPool(senders);
    try {
      List<Future<List<Mailbox.Message>>> sending = new ArrayList<>();
      for (int i = 0; i < senders; i++) {
        sending.add(threads.submit(() -> send(each)));
      }
      List<Mailbox.Message> received = new ArrayList<>();
      while (received.size() < senders * each) {
        received.addAll(taken());
      }

      Set<Mailbox.Message> all = new HashSet<>(received);
      assertThat(all).hasSize(senders * each);
      for (Future<List<Mailbox.Message>> one : sending) {
        List<Mailbox.Message> sent = one.get();
        assertThat(received.stream().filter(new HashSet<>(sent)::contains).toList())
            .isEqualTo(sent);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Mailbox.Message> send(int count) {
    List<Mailbox.Message> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Mailbox.Message one = message(null);
      sent.add(one);
      mailbox.put(one);
    }
    return sent;
  }

  @Test
  void onceShutWhoeverAsksOrHasAskedHearsWhy() {
    Promise<String> before = new Promise<>();
    Promise<String> after = new Promise<>();
    mailbox.put(message(before));

    mailbox.shut(new IllegalStateException("closed"));
    mailbox.put(message(after));

    assertThatThrownBy(before::await).hasMessage("closed");
    assertThatThrownBy(after::await).hasMessage("closed");
    assertThat(mailbox.isEmpty()).isTrue();
  }

  @Test
  void theFirstAnswerCountsAndAnInterruptIsKeptForLater() {
    Promise<String> answer = new Promise<>();
    answer.complete("first");
    answer.completeExceptionally(new IllegalStateException("second"));
    Thread.currentThread().interrupt();

    assertThat(answer.await()).isEqualTo("first");
    assertThat(Thread.interrupted()).isTrue();
  }

  private static Mailbox.Message message(@Nullable Promise<?> answer) {
    return new Mailbox.Message(batch -> {}, answer);
  }

  private List<Mailbox.Message> taken() {
    List<Mailbox.Message> taken = new ArrayList<>();
    for (Mailbox.Message one = mailbox.takeAll(); one != null; one = one.next()) {
      taken.add(one);
    }
    return taken;
  }
}
