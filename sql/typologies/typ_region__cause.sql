select * from typologies.cause()
