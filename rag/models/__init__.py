"""Where model weights come from, and the encoder, judge and reader made from them."""
