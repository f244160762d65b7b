select * from typologies.smst()
