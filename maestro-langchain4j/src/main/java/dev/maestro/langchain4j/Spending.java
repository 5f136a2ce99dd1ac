package dev.maestro.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageSerializer;
import dev.maestro.agent.Prices.Price;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Unit;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a launch has used up, and how much the next call of the model may still use.
 *
 * <p>How many tokens a call will send is not known before; but no token stands for less than one
 * byte, so that the bytes of what is sent are a bound. Used by the launch's own thread only.
 */
final class Spending {

  /** Fewer tokens of an answer than this are not worth a call. */
  private static final int LEAST_ANSWER = 16;

  /** What roles, separators and the descriptions of messages take in tokens besides their text. */
  private static final int FRAME = 16;

  private final Cap cap;
  private final @Nullable Price price;
  private final long alwaysSent;
  private Usage total = Usage.NONE;
  // what the latest answered call sent and received, and how many messages there were then
  private long context;
  private int messages;
  private boolean certain = true;

  /**
   * Count from nothing.
   *
   * @param price of the model, where the launch has to keep to its cap by itself
   * @param alwaysSent the bytes of what each call sends besides the conversation
   */
  Spending(Cap cap, @Nullable Price price, long alwaysSent) {
    this.cap = cap;
    this.price = price;
    this.alwaysSent = alwaysSent;
  }

  /** {@return what was used up so far, as far as that was told} */
  Usage total() {
    return total;
  }

  /** {@return whether all that was used up is known} */
  boolean isCertain() {
    return certain;
  }

  /**
   * Look whether another call may be made.
   *
   * @return how many tokens its answer may have, where that has to be limited
   * @throws StoppedException when there is too little left
   */
  OptionalInt beforeCall(List<ChatMessage> conversation) {
    requireLeft();
    if (price == null || cap.tokens() == null && cap.money() == null) {
      return OptionalInt.empty();
    }
    long sent = mostSent(conversation);
    long most = Long.MAX_VALUE;
    if (cap.tokens() != null) {
      most = cap.tokens() - total.tokens() - sent;
    }
    if (cap.money() != null) {
      most = Math.min(most, affordable(cap.money(), sent, price));
    }
    if (most < LEAST_ANSWER) {
      throw spent("what is left is too little for another call of the model");
    }
    return OptionalInt.of((int) Math.min(most, Integer.MAX_VALUE));
  }

  private void requireLeft() {
    Optional<Unit> reached = cap.reachedBy(total);
    if (reached.isPresent()) {
      throw spent("it has used up what it may: " + cap);
    }
  }

  private static StoppedException spent(String message) {
    return new StoppedException(Failure.of(ErrorClass.BUDGET_EXCEEDED, message));
  }

  private long mostSent(List<ChatMessage> conversation) {
    int known = Math.min(messages, conversation.size());
    long bytes = known == 0 ? alwaysSent : context;
    for (ChatMessage message : conversation.subList(known, conversation.size())) {
      String text = ChatMessageSerializer.messageToJson(message);
      bytes += text.getBytes(StandardCharsets.UTF_8).length + FRAME;
    }
    return bytes;
  }

  private long affordable(Money limit, long sent, Price perMillion) {
    Money before = total.cost();
    Money sending = perMillion.of(Usage.of(sent, 0, Money.ZERO));
    Money left = limit.minus(before).minus(sending);
    BigDecimal each = perMillion.output().usd().movePointLeft(6);
    return each.signum() == 0
        ? left.usd().signum() == 0 ? 0 : Integer.MAX_VALUE
        : left.usd()
            .divide(each, 0, RoundingMode.DOWN)
            .min(BigDecimal.valueOf(Integer.MAX_VALUE))
            .longValue();
  }

  /**
   * A call was answered.
   *
   * @param told what it has used up, where the model tells
   * @param length how many messages the conversation has with the answer
   */
  void called(Optional<Usage> told, int length) {
    if (told.isEmpty()) {
      lost();
      return;
    }
    Usage call = price == null ? told.get() : told.get().costing(price.of(told.get()));
    total = total.plus(call);
    context = call.tokens();
    messages = length;
  }

  /** A call was begun, and nobody knows what it has used up. */
  void lost() {
    certain = false;
    messages = 0;
  }

  /**
   * A tool is about to be used.
   *
   * @throws StoppedException when none may be used any more
   */
  void usesTool() {
    if (cap.toolCalls() != null && total.toolCalls() >= cap.toolCalls()) {
      throw spent("it has used as many tools as it may: " + cap);
    }
    total =
        new Usage(
            total.inputTokens(),
            total.outputTokens(),
            total.cachedTokens(),
            total.cost(),
            total.turns(),
            total.toolCalls() + 1,
            total.presumed());
  }

  /** {@return how many tokens the conversation takes, as of the latest call} */
  long context() {
    return context;
  }
}
